"""A Llama in float64 in the fewest lines. (transformers computes norms and rotary angles in float32 whatever the type.)"""

import torch


def rotary(length, head_size, theta):
    frequencies = theta ** (-torch.arange(0, head_size, 2, dtype=torch.float64) / head_size)
    angles = torch.outer(torch.arange(length, dtype=torch.float64), frequencies).repeat(1, 2)
    return angles.cos(), angles.sin()


def rotate(x, cos, sin):
    a, b = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-b, a), dim=-1) * sin


def norm(x, weight, eps):
    return weight * x / (x.pow(2).mean(-1, keepdim=True) + eps).sqrt()


def logits(weights, config, tokens, taps=None):
    """weights: float64 by checkpoint name; tokens [B, T]; result [B, T, V].

    taps: a dict to be filled with what passes by, (layer, place): [B, T, width].
    """
    tap = lambda layer, place, value: None if taps is None else taps.__setitem__((layer, place), value)
    batch, length = tokens.shape
    heads, kv, size = config["num_attention_heads"], config["num_key_value_heads"], config["head_dim"]
    cos, sin = rotary(length, size, config["rope_theta"])
    future = torch.ones(length, length, dtype=torch.bool).triu(1)
    x = weights["model.embed_tokens.weight"][tokens]
    for i in range(config["num_hidden_layers"]):
        w = lambda name: weights[f"model.layers.{i}.{name}.weight"]
        split = lambda y, n: y.view(batch, length, n, size).transpose(1, 2)
        h = norm(x, w("input_layernorm"), config["rms_norm_eps"])
        tap(i, "qkv", h)
        q = rotate(split(h @ w("self_attn.q_proj").T, heads), cos, sin)
        k = rotate(split(h @ w("self_attn.k_proj").T, kv), cos, sin).repeat_interleave(heads // kv, dim=1)
        v = split(h @ w("self_attn.v_proj").T, kv).repeat_interleave(heads // kv, dim=1)
        scores = (q @ k.transpose(2, 3) / size**0.5).masked_fill(future, float("-inf"))
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, heads * size)
        tap(i, "o", mixed)
        x = x + mixed @ w("self_attn.o_proj").T
        tap(i, "residual", x)
        h = norm(x, w("post_attention_layernorm"), config["rms_norm_eps"])
        gate = h @ w("mlp.gate_proj").T
        up = h @ w("mlp.up_proj").T
        channels = gate * gate.sigmoid() * up
        for place, value in (("gate_up", h), ("gate", gate), ("up", up), ("down", channels)):
            tap(i, place, value)
        x = x + channels @ w("mlp.down_proj").T
    x = norm(x, weights["model.norm.weight"], config["rms_norm_eps"])
    return x @ weights["model.embed_tokens.weight"].T


def loss(weights, config, tokens):
    """Mean cross entropy of the B*(T-1) next tokens."""
    predicted = logits(weights, config, tokens)[:, :-1].flatten(0, 1)
    return torch.nn.functional.cross_entropy(predicted, tokens[:, 1:].flatten())
