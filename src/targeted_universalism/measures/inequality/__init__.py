"""Measures of inequality: one register, one function a measure, one form of interval a shape."""
