"""What may be published, and what an attacker could work out from it."""
