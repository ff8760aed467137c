"""The unmodified openai client, pointed at this platform."""

import math

import openai
import pytest
from openai import OpenAI

from sluice.catalog import get_card
from tests.e2e.product import Person, Product

pytestmark = pytest.mark.xdist_group("platform")

HELLO = "Say hello."


@pytest.fixture(scope="module")
def client(product: Product, customer: Person) -> OpenAI:
    return product.openai(customer.key)


def priced(model: str, **units: int) -> int:
    return get_card(model).prices.charge_nanos(units)


def test_a_chat_is_answered_and_charged_by_its_tokens(client: OpenAI, customer: Person) -> None:
    available, held = customer.money

    answered = client.chat.completions.with_raw_response.create(
        model="smollm2-135m", messages=[{"role": "user", "content": HELLO}], max_tokens=12
    )

    answer = answered.parse()
    assert answer.choices[0].message.content
    assert answer.choices[0].message.role == "assistant"
    assert answer.choices[0].finish_reason in ("stop", "length")
    assert answer.usage is not None
    assert 0 < answer.usage.completion_tokens <= 12
    job = customer.program.call("GET", f"/v1/inference/jobs/{answered.headers['x-sluice-job']}")
    price = priced(
        "smollm2-135m",
        request=1,
        input_token=answer.usage.prompt_tokens,
        output_token=answer.usage.completion_tokens,
    )
    assert int(job["price"]["charged"]["nanos"]) == price
    assert customer.money == (available - price, held)


def test_embeddings_come_in_the_client_s_own_encoding(client: OpenAI) -> None:
    texts = ["query: a red apple", "passage: Apples are red.", "passage: The tower is tall."]

    answer = client.embeddings.create(model="e5-small", input=texts)

    vectors = [entry.embedding for entry in answer.data]
    assert [len(vector) for vector in vectors] == [384] * 3
    assert all(math.isclose(math.hypot(*vector), 1, abs_tol=1e-3) for vector in vectors)
    near, far = (math.sumprod(vectors[0], vector) for vector in vectors[1:])
    assert near > far


def test_the_encoding_does_not_change_the_numbers(client: OpenAI) -> None:
    text = "query: a red apple"

    encoded = client.embeddings.create(model="e5-small", input=text)
    plain = client.embeddings.create(model="e5-small", input=text, encoding_format="float")

    assert encoded.data[0].embedding == pytest.approx(plain.data[0].embedding, abs=1e-6)


def test_models_are_listed_and_retrieved(client: OpenAI) -> None:
    listed = {model.id for model in client.models.list()}

    assert listed == {
        *("smollm2-135m", "e5-small", "span-x4"),
        *("style-lite", "whisper-tiny-en", "joe-piper"),
        *("sketch", "sketch-img2img", "sketch-inpaint"),
    }
    assert client.models.retrieve("e5-small").id == "e5-small"


def test_refusals_are_the_client_s_own_exceptions(client: OpenAI, product: Product) -> None:
    stranger = product.openai("sk_not-a-key-of-anybody")

    with pytest.raises(openai.AuthenticationError) as unknown_key:
        stranger.models.list()
    with pytest.raises(openai.NotFoundError) as unknown_model:
        client.embeddings.create(model="text-embedding-9", input="x")
    with pytest.raises(openai.BadRequestError) as bad_parameter:
        client.chat.completions.create(
            model="smollm2-135m", messages=[{"role": "user", "content": HELLO}], temperature=9
        )

    assert unknown_key.value.code == "invalid_api_key"
    assert unknown_model.value.code == "model_not_found"
    assert bad_parameter.value.param == "temperature"
