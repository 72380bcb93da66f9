"""What the shapes of every REST interface share: inputs that refuse what they do not know, texts of bounded length."""

from pydantic import BaseModel, ConfigDict, StringConstraints


class In(BaseModel):
    """Base of all inputs: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


def text(most: int, *, least: int = 0) -> StringConstraints:
    """Of a text: its length in characters, blanks around it removed; without NUL, which PostgreSQL cannot keep."""
    return StringConstraints(min_length=least, max_length=most, pattern=r"^[^\x00]*$", strip_whitespace=True)


__all__ = ["In", "text"]
