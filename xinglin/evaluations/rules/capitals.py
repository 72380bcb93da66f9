"""Amounts as they are written on vouchers: 人民币大写."""

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def capital_amount(fen: int) -> str:
    """An amount in capitals: ``壹拾万零壹元零贰分``, ``伍元整``. :raises ValueError: it is negative or beyond 万亿"""
    if not 0 <= fen < 10**18:
        raise ValueError("an amount from 0 to below ten thousand million million yuan")
    yuan, jiao, cent = fen // 100, fen // 10 % 10, fen % 10
    words = f"{_whole(yuan)}元" if yuan else ""
    if not jiao and not cent:
        return f"{words or '零元'}整"
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif words:
        words += "零"
    return words + (f"{_DIGITS[cent]}分" if cent else "整")


def _whole(value: int) -> str:
    groups: list[int] = []
    while value:
        value, rest = divmod(value, 10_000)
        groups.append(rest)
    words = ""
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        if not group:
            continue
        if words and group < 1_000 or words and groups[index + 1] == 0:
            words += "零"
        words += _four(group) + _GROUPS[index]
    return words


def _four(value: int) -> str:
    words, has_gap = "", False
    for place in (3, 2, 1, 0):
        digit = value // 10**place % 10
        if digit:
            words += ("零" if has_gap and words else "") + _DIGITS[digit] + _UNITS[place]
            has_gap = False
        else:
            has_gap = True
    return words
