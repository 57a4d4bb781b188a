"""Tiny random models of each family: logits, loss and gradients in float32, by transformers where it has the family,
otherwise by the modules of `plain.py`."""

import json
import shutil

import torch
from transformers import AutoModelForCausalLM
from transformers import Gemma2Config, GemmaConfig, Glm4Config, GlmConfig, LlamaConfig, MistralConfig, Phi3Config
from transformers import Qwen2Config, Qwen3Config

import plain

from common import MODEL_GOLDEN, excerpt_tokens, load_stories, write_json, write_tensors

SMALL = dict(
    vocab_size=96,
    hidden_size=32,
    intermediate_size=44,
    num_hidden_layers=3,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=256,
    bos_token_id=1,
    eos_token_id=2,
    pad_token_id=None,
)
LLAMA3_ROPE = dict(
    rope_type="llama3",
    factor=8.0,
    low_freq_factor=1.0,
    high_freq_factor=4.0,
    original_max_position_embeddings=64,
)


def tiny_models():
    """Name, configuration, storage type, whether config.json has the older `rope_theta` form."""
    rope = dict(rope_type="default", rope_theta=10000.0)
    yield "llama3", LlamaConfig(
        **SMALL, rms_norm_eps=1e-5, tie_word_embeddings=False, rope_parameters=dict(LLAMA3_ROPE, rope_theta=10000.0)
    ), torch.float32, True
    yield "mistral", MistralConfig(
        **SMALL, rms_norm_eps=1e-5, sliding_window=None, tie_word_embeddings=False, rope_parameters=rope
    ), torch.bfloat16, True
    yield "mistral-window", MistralConfig(
        **SMALL, rms_norm_eps=1e-5, sliding_window=6, tie_word_embeddings=False, rope_parameters=rope
    ), torch.bfloat16, True
    yield "qwen2", Qwen2Config(
        **SMALL, rms_norm_eps=1e-6, tie_word_embeddings=True, rope_parameters=dict(rope, rope_theta=1000000.0)
    ), torch.float16, True
    yield "qwen3", Qwen3Config(
        **SMALL, rms_norm_eps=1e-6, head_dim=16, tie_word_embeddings=False, rope_parameters=rope
    ), torch.float32, False
    tiny = SMALL | dict(vocab_size=64, hidden_size=24, intermediate_size=28, num_hidden_layers=2, rms_norm_eps=1e-5)
    yield "llama-tied", LlamaConfig(
        **tiny | dict(num_attention_heads=3, num_key_value_heads=1), tie_word_embeddings=True, attention_bias=True,
        mlp_bias=True, rope_parameters=dict(rope, rope_type="linear", factor=4.0)
    ), torch.float32, True
    yield "qwen2-yarn", Qwen2Config(
        **tiny | dict(num_hidden_layers=3), head_dim=8, tie_word_embeddings=False,
        use_sliding_window=True, sliding_window=5, max_window_layers=2,
        rope_parameters=dict(rope, rope_type="yarn", factor=4.0, original_max_position_embeddings=64),
    ), torch.bfloat16, True
    yield "phi3", Phi3Config(
        **tiny, head_dim=6, sliding_window=7, rope_parameters=dict(rope, partial_rotary_factor=1.0)
    ), torch.bfloat16, True
    factors = [1.0 + 0.25 * i for i in range(4)], [2.0 + 3.0 * i for i in range(4)]
    yield "phi3-longrope", Phi3Config(
        **tiny | dict(hidden_size=64, num_hidden_layers=1, intermediate_size=20), original_max_position_embeddings=16,
        rope_parameters=dict(rope, rope_type="longrope", partial_rotary_factor=0.5,
                             short_factor=factors[0], long_factor=factors[1]),
    ), torch.bfloat16, True
    yield "gemma", GemmaConfig(**tiny, head_dim=10, rope_parameters=rope), torch.float32, True
    yield "gemma2", Gemma2Config(
        **tiny, head_dim=10, query_pre_attn_scalar=6, sliding_window=5, attn_logit_softcapping=2.0,
        final_logit_softcapping=3.0, rope_parameters=rope
    ), torch.float32, True
    half = dict(rope, partial_rotary_factor=0.5)
    yield "glm", GlmConfig(**tiny, head_dim=12, rope_parameters=half), torch.float16, True
    yield "glm4", Glm4Config(**tiny, head_dim=8, rope_parameters=half), torch.float32, False


def randomise(model, seed):
    """Weights large enough that attention is far from uniform, norms and biases that are not 1 and 0."""
    generator = torch.Generator().manual_seed(seed)
    one = 0.0 if type(model).__name__.startswith("Gemma") else 1.0
    for name, p in sorted(model.named_parameters()):
        noise = torch.randn(p.shape, generator=generator)
        if p.dim() == 1:
            p.data = 0.1 * noise + (one if "norm" in name else 0.0)
        else:
            p.data = noise * (0.5 if "embed" in name else 1.2 / p.shape[1] ** 0.5)


def with_old_rope_keys(path):
    """The form of nearly all checkpoints on the hub: `rope_theta`, `rope_scaling` and others at the top level."""
    config = json.loads(path.read_text())
    rope = config.pop("rope_parameters")
    for key in ("rope_theta", "partial_rotary_factor"):
        if key in rope:
            config[key] = rope.pop(key)
    config["rope_scaling"] = rope if rope["rope_type"] != "default" else None
    config["torch_dtype"] = config.pop("dtype")
    path.write_text(json.dumps(config, indent=2) + "\n")


def expected(model, tokens, keep):
    """Logits of all positions; gradients of the mean next-token loss for the weights that `keep` names."""
    logits = model(tokens).logits
    targets = tokens[:, 1:].reshape(-1)
    loss = torch.nn.functional.cross_entropy(logits[:, :-1].reshape(len(targets), -1), targets)
    loss.backward()
    gradients = {f"grad.{name}": p.grad for name, p in model.named_parameters() if keep(name)}
    return {"tokens": tokens, "logits": logits, "loss": loss.reshape(1)} | gradients


def make_tiny(name, config, dtype, old_rope, seed):
    folder = MODEL_GOLDEN / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager")
    randomise(model, seed)
    model.to(dtype).save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    if old_rope:
        with_old_rope_keys(folder / "config.json")
    loaded = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    write_expected(folder, loaded, config.vocab_size, seed)


def make_plain(name, make, config, dtype, seed):
    """A family that transformers does not have: the checkpoint is written as its own code would write it."""
    folder = MODEL_GOLDEN / name
    shutil.rmtree(folder, ignore_errors=True)
    model = make(config)
    randomise(model, seed)
    model.to(dtype)
    write_json(folder / "config.json", config | {"torch_dtype": str(dtype).removeprefix("torch.")})
    write_tensors(folder / "model.safetensors", dict(model.named_parameters()))
    write_expected(folder, model.float(), config.get("padded_vocab_size") or config["vocab_size"], seed)


def write_expected(folder, model, vocabulary, seed):
    tokens = torch.randint(3, vocabulary, (2, 24), generator=torch.Generator().manual_seed(seed + 100))
    everything = folder.name == "llama3"
    wanted = ("layers.0.", "embed", "model.norm", "final_layernorm", "lm_head", "output_layer")
    write_tensors(
        folder / "expected.safetensors",
        expected(model, tokens, lambda n: everything or any(w in n for w in wanted)),
    )


def main():
    for seed, (name, config, dtype, old_rope) in enumerate(tiny_models()):
        make_tiny(name, config, dtype, old_rope, seed)
    for seed, (name, make, config, dtype) in enumerate(plain.tiny_models(), 50):
        make_plain(name, make, config, dtype, seed)
    tokens = torch.tensor(excerpt_tokens()[1:97]).reshape(3, 32)
    tokens[0, 0] = 1
    write_tensors(
        MODEL_GOLDEN / "stories/expected.safetensors",
        expected(load_stories(), tokens, lambda n: "layers.0." in n or "layers.4.self_attn.o" in n or "model.norm" in n),
    )


if __name__ == "__main__":
    main()
