"""The noun: sufficient statistics of every group in every stratum."""
