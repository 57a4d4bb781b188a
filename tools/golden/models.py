"""Tiny random models of each family: logits, loss and gradients by transformers in float32."""

import json
import shutil

import torch
from transformers import AutoModelForCausalLM
from transformers import LlamaConfig, MistralConfig, Qwen2Config, Qwen3Config

from common import MODEL_GOLDEN, excerpt_tokens, load_stories, write_tensors

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


def randomise(model, seed):
    """Weights large enough that attention is far from uniform, norms and biases that are not 1 and 0."""
    generator = torch.Generator().manual_seed(seed)
    for name, p in sorted(model.named_parameters()):
        noise = torch.randn(p.shape, generator=generator)
        if p.dim() == 1:
            p.data = 0.1 * noise + (1.0 if "norm" in name else 0.0)
        else:
            p.data = noise * (0.5 if "embed" in name else 1.2 / p.shape[1] ** 0.5)


def with_old_rope_keys(path):
    """The form of nearly all checkpoints on the hub: `rope_theta` and `rope_scaling` at the top level."""
    config = json.loads(path.read_text())
    rope = config.pop("rope_parameters")
    config["rope_theta"] = rope.pop("rope_theta")
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
    tokens = torch.randint(3, config.vocab_size, (2, 24), generator=torch.Generator().manual_seed(seed + 100))
    everything = name == "llama3"
    wanted = ("layers.0.", "embed", "model.norm", "lm_head")
    write_tensors(
        folder / "expected.safetensors",
        expected(loaded, tokens, lambda n: everything or any(w in n for w in wanted)),
    )


def main():
    for seed, (name, config, dtype, old_rope) in enumerate(tiny_models()):
        make_tiny(name, config, dtype, old_rope, seed)
    tokens = torch.tensor(excerpt_tokens()[1:97]).reshape(3, 32)
    tokens[0, 0] = 1
    write_tensors(
        MODEL_GOLDEN / "stories/expected.safetensors",
        expected(load_stories(), tokens, lambda n: "layers.0." in n or "layers.4.self_attn.o" in n or "model.norm" in n),
    )


if __name__ == "__main__":
    main()
