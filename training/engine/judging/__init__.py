"""How good a model is: figures of a family of answers, what chance may have done to them, what they are held against.

Knows answers and truth as arrays; no model, no page.
"""
