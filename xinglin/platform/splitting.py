"""An amount shared by weights to the last fen."""

from collections.abc import Sequence


def largest_remainder(amount: int, weights: Sequence[int]) -> list[int]:
    """Whole shares of `amount` that add up to it: each its floor, what is left to the largest remainders, first first.

    :raises ValueError: a negative amount or weight, or no weight at all
    """
    total = sum(weights)
    if amount < 0 or total <= 0 or min(weights) < 0:
        raise ValueError("an amount is shared by weights that are not negative and not all zero")
    shares = [amount * weight // total for weight in weights]
    left = amount - sum(shares)
    by_remainder = sorted(range(len(weights)), key=lambda index: (-(amount * weights[index] % total), index))
    for index in by_remainder[:left]:
        shares[index] += 1
    return shares
