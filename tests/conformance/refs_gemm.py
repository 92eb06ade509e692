"""Matrix products."""
from bound import num


def nn(a, p):
    """C = A B"""
    return {"C": num(a["A"]) @ a["B"]}
