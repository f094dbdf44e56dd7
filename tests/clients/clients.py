"""Real Python clients against a gateway, one line of JSON for each check.

usage: clients.py <gateway url> <key> <wires, comma-separated> [<clients, comma-separated>]
Each check ends within TIMEOUT_S. A client that cannot be imported prints one line with `skipped`.
"""
import asyncio
import importlib.metadata
import json
import os
import sys
import threading

TIMEOUT_S = 60
URL, KEY = sys.argv[1], sys.argv[2]
WIRES = sys.argv[3].split(",")
WANTED = sys.argv[4].split(",") if len(sys.argv) > 4 else None
ASK = "Say hello."
ASK_TOOL = "Please call the weather tool for Paris."
ASK_JSON = "The weather in Paris, as city and degrees."
os.environ.update(
    OPENAI_AGENTS_DISABLE_TRACING="1", LITELLM_LOG="ERROR", LITELLM_LOCAL_MODEL_COST_MAP="True",
    OPENAI_API_KEY=KEY, ANTHROPIC_API_KEY=KEY, GOOGLE_API_KEY=KEY,
)

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "degrees": {"type": "integer"}},
    "required": ["city", "degrees"],
    "additionalProperties": False,
}
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
OPENAI_TOOL = {"type": "function", "function": {"name": "get_weather", "description": "The weather.", "parameters": CITY}}


def has_text(text):
    assert isinstance(text, str) and text.strip(), f"no text: {text!r}"


def is_weather(value):
    value = json.loads(value) if isinstance(value, str) else value
    value = value if isinstance(value, dict) else value.model_dump()
    assert isinstance(value["city"], str) and isinstance(value["degrees"], int), value


def raises(call, *words):
    """The client must raise, and its error must hold one of the words that it, or its users, know."""
    try:
        result = call()
    except Exception as error:  # noqa: BLE001: each client has its own classes
        said = f"{type(error).__name__} {error} {getattr(error, 'code', '')} {getattr(error, 'body', '')}"
        assert not words or any(word in said for word in words), said[:300]
        return
    raise AssertionError(f"no error, but {str(result)[:120]!r}")


class Client:
    package = ""
    overflow = ("context_length_exceeded",)

    def __init__(self):
        self.version = importlib.metadata.version(self.package)

    def retry(self, model):
        self.chat(model)

    def long(self, model):
        raises(lambda: self.chat(model), *self.overflow)

    def cut(self, model):
        raises(lambda: self.stream(model))


class OpenAi(Client):
    package = "openai"

    def __init__(self):
        super().__init__()
        from openai import OpenAI
        self.client = OpenAI(base_url=f"{URL}/v1", api_key=KEY)

    def ask(self, model, text=ASK, **more):
        return self.client.chat.completions.create(model=model, messages=[{"role": "user", "content": text}], **more)

    def chat(self, model):
        has_text(self.ask(model).choices[0].message.content)

    def stream(self, model):
        parts = [c.choices[0].delta.content or "" for c in self.ask(model, stream=True) if c.choices]
        has_text("".join(parts))

    def structured(self, model):
        from pydantic import BaseModel

        class Weather(BaseModel):
            city: str
            degrees: int

        answer = self.client.chat.completions.parse(
            model=model, messages=[{"role": "user", "content": ASK_JSON}], response_format=Weather)
        is_weather(answer.choices[0].message.parsed)

    def tools(self, model):
        messages = [{"role": "user", "content": ASK_TOOL}]
        answer = self.client.chat.completions.create(model=model, messages=messages, tools=[OPENAI_TOOL])
        message = answer.choices[0].message
        call = message.tool_calls[0]
        json.loads(call.function.arguments)
        messages += [message, {"role": "tool", "tool_call_id": call.id, "content": "21"}]
        final = self.client.chat.completions.create(model=model, messages=messages, tools=[OPENAI_TOOL])
        has_text(final.choices[0].message.content)


class Anthropic(Client):
    package = "anthropic"
    overflow = ("prompt is too long",)

    def __init__(self):
        super().__init__()
        from anthropic import Anthropic as Sdk
        self.client = Sdk(base_url=URL, api_key=KEY)

    def ask(self, model, messages=None, **more):
        messages = messages or [{"role": "user", "content": ASK}]
        return self.client.messages.create(model=model, max_tokens=1024, messages=messages, **more)

    def chat(self, model):
        has_text(self.ask(model).content[0].text)

    def stream(self, model):
        with self.client.messages.stream(model=model, max_tokens=1024, messages=[{"role": "user", "content": ASK}]) as s:
            has_text("".join(s.text_stream))
            s.get_final_message()

    def structured(self, model):
        answer = self.ask(model, [{"role": "user", "content": ASK_JSON}],
                          output_config={"format": {"type": "json_schema", "schema": SCHEMA}})
        is_weather(answer.content[0].text)

    def tools(self, model):
        tool = {"name": "get_weather", "description": "The weather.", "input_schema": CITY}
        messages = [{"role": "user", "content": ASK_TOOL}]
        answer = self.ask(model, messages, tools=[tool])
        use = next(b for b in answer.content if b.type == "tool_use")
        messages += [{"role": "assistant", "content": answer.content},
                     {"role": "user", "content": [{"type": "tool_result", "tool_use_id": use.id, "content": "21"}]}]
        has_text(self.ask(model, messages, tools=[tool]).content[0].text)


class GoogleGenai(Client):
    package = "google-genai"
    overflow = ("exceeds the maximum number of tokens allowed",)

    def __init__(self):
        super().__init__()
        from google import genai
        from google.genai import types
        self.types = types
        retry = types.HttpRetryOptions(attempts=3, initial_delay=0.2, http_status_codes=[429, 503])
        self.client = genai.Client(api_key=KEY, http_options=types.HttpOptions(base_url=URL, retry_options=retry))

    def chat(self, model):
        has_text(self.client.models.generate_content(model=model, contents=ASK).text)

    def stream(self, model):
        has_text("".join(c.text or "" for c in self.client.models.generate_content_stream(model=model, contents=ASK)))

    def structured(self, model):
        config = self.types.GenerateContentConfig(response_mime_type="application/json", response_json_schema=SCHEMA)
        is_weather(self.client.models.generate_content(model=model, contents=ASK_JSON, config=config).text)

    def tools(self, model):
        def get_weather(city: str) -> str:
            """The weather of a city."""
            return "21"

        config = self.types.GenerateContentConfig(tools=[get_weather])
        has_text(self.client.models.generate_content(model=model, contents=ASK_TOOL, config=config).text)


class Ollama(Client):
    package = "ollama"
    overflow = ("400", "does not fit", "context")

    def __init__(self):
        super().__init__()
        from ollama import Client as Sdk
        self.client = Sdk(host=URL, headers={"authorization": f"Bearer {KEY}"})

    def ask(self, model, text=ASK, **more):
        return self.client.chat(model=model, messages=[{"role": "user", "content": text}], **more)

    def chat(self, model):
        has_text(self.ask(model).message.content)

    def stream(self, model):
        has_text("".join(part.message.content or "" for part in self.ask(model, stream=True)))

    def structured(self, model):
        is_weather(self.ask(model, ASK_JSON, format=SCHEMA).message.content)

    def tools(self, model):
        messages = [{"role": "user", "content": ASK_TOOL}]
        answer = self.client.chat(model=model, messages=messages, tools=[OPENAI_TOOL])
        assert answer.message.tool_calls, answer
        messages += [answer.message, {"role": "tool", "tool_name": "get_weather", "content": "21"}]
        has_text(self.client.chat(model=model, messages=messages, tools=[OPENAI_TOOL]).message.content)


class LiteLlm(Client):
    package = "litellm"
    overflow = ("ContextWindowExceededError",)

    def __init__(self):
        super().__init__()
        import litellm
        litellm.suppress_debug_info = True
        self.litellm = litellm

    def ask(self, model, text=ASK, **more):
        # The provider posts to the base URL without /v1.
        return self.litellm.completion(model=f"litellm_proxy/{model}", api_base=URL, api_key=KEY, num_retries=2,
                                       messages=[{"role": "user", "content": text}], **more)

    def chat(self, model):
        has_text(self.ask(model).choices[0].message.content)

    def stream(self, model):
        has_text("".join(c.choices[0].delta.content or "" for c in self.ask(model, stream=True)))

    def structured(self, model):
        form = {"type": "json_schema", "json_schema": {"name": "weather", "schema": SCHEMA, "strict": True}}
        is_weather(self.ask(model, ASK_JSON, response_format=form).choices[0].message.content)

    def tools(self, model):
        message = self.ask(model, ASK_TOOL, tools=[OPENAI_TOOL]).choices[0].message
        call = message.tool_calls[0]
        messages = [{"role": "user", "content": ASK_TOOL}, message.model_dump(),
                    {"role": "tool", "tool_call_id": call.id, "content": "21"}]
        final = self.litellm.completion(model=f"litellm_proxy/{model}", api_base=URL, api_key=KEY,
                                        messages=messages, tools=[OPENAI_TOOL])
        has_text(final.choices[0].message.content)


class LangChain(Client):
    def model(self, name):
        raise NotImplementedError

    def chat(self, model):
        has_text(self.model(model).invoke(ASK).text)

    def stream(self, model):
        has_text("".join(chunk.text for chunk in self.model(model).stream(ASK)))

    def structured(self, model):
        is_weather(self.model(model).with_structured_output({**SCHEMA, "title": "weather"}, method="json_schema").invoke(ASK_JSON))

    def tools(self, model):
        from langchain_core.messages import HumanMessage, ToolMessage
        from langchain_core.tools import tool

        @tool
        def get_weather(city: str) -> str:
            """The weather of a city."""
            return "21"

        bound = self.model(model).bind_tools([get_weather])
        messages = [HumanMessage(ASK_TOOL)]
        messages.append(bound.invoke(messages))
        messages.append(ToolMessage("21", tool_call_id=messages[-1].tool_calls[0]["id"]))
        has_text(bound.invoke(messages).text)


class LangChainOpenAi(LangChain):
    package = "langchain-openai"
    overflow = ("ContextOverflowError", "context_length_exceeded")

    def model(self, name):
        from langchain_openai import ChatOpenAI
        return ChatOpenAI(model=name, base_url=f"{URL}/v1", api_key=KEY)


class LangChainAnthropic(LangChain):
    package = "langchain-anthropic"
    overflow = ("ContextOverflowError", "prompt is too long")

    def model(self, name):
        from langchain_anthropic import ChatAnthropic
        return ChatAnthropic(model=name, base_url=URL, api_key=KEY, max_tokens=1024)


class PydanticAi(Client):
    package = "pydantic-ai-slim"

    def agent(self, name, **more):
        from pydantic_ai import Agent
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers.openai import OpenAIProvider
        return Agent(OpenAIChatModel(name, provider=OpenAIProvider(base_url=f"{URL}/v1", api_key=KEY)), **more)

    def chat(self, model):
        has_text(self.agent(model).run_sync(ASK).output)

    def stream(self, model):
        async def run():
            async with self.agent(model).run_stream(ASK) as result:
                return "".join([part async for part in result.stream_text(delta=True)])

        has_text(asyncio.run(run()))

    def structured(self, model):
        from pydantic import BaseModel

        class Weather(BaseModel):
            city: str
            degrees: int

        is_weather(self.agent(model, output_type=Weather).run_sync(ASK_JSON).output)

    def tools(self, model):
        agent = self.agent(model)
        called = []

        @agent.tool_plain
        def get_weather(city: str) -> str:
            called.append(city)
            return "21"

        has_text(agent.run_sync(ASK_TOOL).output)
        assert called, "the tool was not called"


class OpenAiAgents(Client):
    package = "openai-agents"
    overflow = ("context_length_exceeded", "maximum context length")

    def agent(self, name, **more):
        from agents import Agent, OpenAIResponsesModel
        from openai import AsyncOpenAI
        model = OpenAIResponsesModel(model=name, openai_client=AsyncOpenAI(base_url=f"{URL}/v1", api_key=KEY))
        return Agent(name="agent", model=model, **more)

    def run(self, agent, text):
        from agents import Runner
        return Runner.run_sync(agent, text).final_output

    def chat(self, model):
        has_text(self.run(self.agent(model), ASK))

    def stream(self, model):
        async def run():
            from agents import Runner
            result = Runner.run_streamed(self.agent(model), ASK)
            async for _ in result.stream_events():
                pass
            return result.final_output

        has_text(asyncio.run(run()))

    def structured(self, model):
        from pydantic import BaseModel

        class Weather(BaseModel):
            city: str
            degrees: int

        is_weather(self.run(self.agent(model, output_type=Weather), ASK_JSON))

    def tools(self, model):
        from agents import function_tool

        @function_tool
        def get_weather(city: str) -> str:
            """The weather of a city."""
            return "21"

        has_text(self.run(self.agent(model, tools=[get_weather]), ASK_TOOL))


class Instructor(Client):
    package = "instructor"
    overflow = ("context_length_exceeded", "maximum context length")

    def __init__(self):
        super().__init__()
        import instructor
        from openai import OpenAI
        self.sdk = OpenAI(base_url=f"{URL}/v1", api_key=KEY)
        self.by_tool = instructor.from_openai(self.sdk, mode=instructor.Mode.TOOLS)
        self.by_json = instructor.from_openai(self.sdk, mode=instructor.Mode.JSON)

    def weather(self, client, model, **more):
        from pydantic import BaseModel

        class Weather(BaseModel):
            city: str
            degrees: int

        return client.chat.completions.create(model=model, response_model=Weather, max_retries=1,
                                              messages=[{"role": "user", "content": ASK_JSON}], **more)

    def chat(self, model):
        is_weather(self.weather(self.by_tool, model))

    def structured(self, model):
        is_weather(self.weather(self.by_json, model))

    def tools(self, model):
        is_weather(self.weather(self.by_tool, model))

    def cut(self, model):
        # As text: a call in one piece is whole already when its stream is cut.
        raises(lambda: self.partial(self.by_json, model))

    def stream(self, model):
        self.partial(self.by_tool, model)

    def partial(self, client, model):
        from pydantic import BaseModel

        class Weather(BaseModel):
            city: str
            degrees: int

        last = None
        for last in client.chat.completions.create_partial(
                model=model, response_model=Weather, messages=[{"role": "user", "content": ASK_JSON}]):
            pass
        is_weather(last)


CLIENTS = [OpenAi, Anthropic, GoogleGenai, Ollama, LiteLlm, LangChainOpenAi, LangChainAnthropic, PydanticAi, OpenAiAgents, Instructor]
# By check: the method, and the ending of the model's name that makes its provider fail.
CHECKS = {
    "chat": ("chat", ""), "stream": ("stream", ""), "structured": ("structured", ""), "tools": ("tools", ""),
    "retry 429": ("retry", "-429"), "retry 503": ("retry", "-503"), "overflow": ("long", "-long"), "cut": ("cut", "-cut"),
}


def tell(**line):
    print(json.dumps(line), flush=True)


def bounded(call):
    """The call's error, or None. A check that hangs is a failure, and its thread is left behind."""
    found = []

    def run():
        try:
            call()
            found.append(None)
        except BaseException as error:  # noqa: BLE001
            found.append(f"{type(error).__name__}: {error}"[:300])

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(TIMEOUT_S)
    return found[0] if found else f"no end within {TIMEOUT_S} s"


for kind in CLIENTS:
    if WANTED is not None and kind.package not in WANTED:
        continue
    try:
        client = kind()
    except Exception as error:  # noqa: BLE001
        tell(client=kind.package, skipped=f"{type(error).__name__}: {error}"[:200])
        continue
    for wire in WIRES:
        for check, (method, ending) in CHECKS.items():
            why = bounded(lambda: getattr(client, method)(wire + ending))
            tell(client=kind.package, version=client.version, wire=wire, check=check, ok=why is None, why=why)
sys.stdout.flush()
os._exit(0)
