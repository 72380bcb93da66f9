"""The reader's language."""

import pytest
from django.utils.translation import override

from xinglin.platform.language import Text, either, in_language, language_code

WORDS = {"zh": "高血压", "en": "hypertension"}


@pytest.mark.parametrize(
    ("language", "shown"), [("zh-hans", "高血压"), ("en", "hypertension"), ("en-gb", "hypertension"), (None, "高血压")]
)
def test_of_two_texts_the_reader_is_shown_his(language, shown):
    with override(language):
        assert {either(*WORDS.values()), in_language(WORDS), str(Text.of(WORDS)), WORDS[language_code()]} == {shown}


def test_a_text_that_is_missing_is_not_replaced_by_the_other():
    with override("en"), pytest.raises(KeyError):
        in_language({"zh": "高血压"})
