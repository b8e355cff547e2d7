"""Measures of inequality: one register, one function a measure."""
