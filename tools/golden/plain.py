"""Families whose code is not part of transformers, written down once more in plain torch, with the names and layouts that
their checkpoints have:

ChatGLM2-6B, ChatGLM3-6B, GLM-4-9B (`model_type: chatglm`). Query, key and value in one matrix, keys and values in
`multi_query_group_num` heads; the first half of each head is rotated in neighbouring pairs; gate and up in one matrix;
RMSNorm in front of attention, MLP and head; no softmax trick, no dropout.

Baichuan-7B (`model_type: baichuan`). LLaMA with query, key and value in one matrix.
"""

import torch
from torch import nn
from torch.nn import functional as F


class Node(nn.Module):
    """Names its children."""

    def __init__(self, **children):
        super().__init__()
        for name, child in children.items():
            self.add_module(name, child)


class RmsNorm(nn.Module):
    def __init__(self, width, epsilon):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x):
        return self.weight * x / (x.square().mean(-1, keepdim=True) + self.epsilon).sqrt()


def angles(length, pairs, theta):
    """[length, pairs]"""
    return torch.outer(torch.arange(length).float(), theta ** (-torch.arange(pairs).float() / pairs))


def rotate_neighbours(x, pairs, theta):
    """Pairs (2i, 2i+1) of the first entries as complex numbers. x: [B, H, T, D]"""
    turn = torch.polar(torch.ones(()), angles(x.shape[2], pairs, theta))
    z = torch.view_as_complex(x[..., : 2 * pairs].reshape(*x.shape[:3], pairs, 2).contiguous())
    return torch.cat([torch.view_as_real(z * turn).flatten(3), x[..., 2 * pairs :]], -1)


def rotate_halves(x, theta):
    """Pairs (i, i + D/2) as complex numbers. x: [B, H, T, D]"""
    half = x.shape[3] // 2
    turn = torch.polar(torch.ones(()), angles(x.shape[2], half, theta))
    z = torch.complex(x[..., :half], x[..., half:]) * turn
    return torch.cat([z.real, z.imag], -1)


def attend(q, k, v):
    """Causal; query head h reads key-value head h // R. [B, H, T, D] each, to [B, T, H * D]"""
    k, v = (x.repeat_interleave(q.shape[1] // x.shape[1], 1) for x in (k, v))
    scores = q @ k.transpose(2, 3) / q.shape[3] ** 0.5
    future = torch.ones(scores.shape[2:], dtype=torch.bool).triu(1)
    return (scores.masked_fill(future, float("-inf")).softmax(-1) @ v).transpose(1, 2).flatten(2)


def heads(x, count):
    return x.unflatten(2, (count, -1)).transpose(1, 2)


class Logits:
    def __init__(self, logits):
        self.logits = logits


class ChatGlm(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        d, dim, ffn = c["hidden_size"], c["kv_channels"], c["ffn_hidden_size"]
        q, kv = c["num_attention_heads"] * dim, c["multi_query_group_num"] * dim
        norm = lambda: RmsNorm(d, c["layernorm_epsilon"])
        bias = c["add_bias_linear"]
        layers = [
            Node(
                input_layernorm=norm(),
                self_attention=Node(
                    query_key_value=nn.Linear(d, q + 2 * kv, bias=bias or c["add_qkv_bias"]),
                    dense=nn.Linear(q, d, bias=bias),
                ),
                post_attention_layernorm=norm(),
                mlp=Node(
                    dense_h_to_4h=nn.Linear(d, 2 * ffn, bias=bias), dense_4h_to_h=nn.Linear(ffn, d, bias=bias)
                ),
            )
            for _ in range(c["num_layers"])
        ]
        self.transformer = Node(
            embedding=Node(word_embeddings=nn.Embedding(c["padded_vocab_size"], d)),
            encoder=Node(layers=nn.ModuleList(layers), final_layernorm=norm()),
            output_layer=nn.Linear(d, c["padded_vocab_size"], bias=False),
        )

    def forward(self, tokens):
        x = self.transformer.embedding.word_embeddings(tokens)
        for layer in self.transformer.encoder.layers:
            x = x + self.attention(layer.self_attention, layer.input_layernorm(x))
            gate, up = layer.mlp.dense_h_to_4h(layer.post_attention_layernorm(x)).chunk(2, -1)
            x = x + layer.mlp.dense_4h_to_h(F.silu(gate) * up)
        return Logits(self.transformer.output_layer(self.transformer.encoder.final_layernorm(x)))

    def attention(self, node, x):
        c, dim, groups = self.c, self.c["kv_channels"], self.c["multi_query_group_num"]
        sizes = [c["num_attention_heads"] * dim, groups * dim, groups * dim]
        q, k, v = node.query_key_value(x).split(sizes, -1)
        theta = 10000.0 * c.get("rope_ratio", 1)
        q, k = (rotate_neighbours(heads(y, y.shape[2] // dim), dim // 4, theta) for y in (q, k))
        return node.dense(attend(q, k, heads(v, groups)))


class Baichuan(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        d, ffn = c["hidden_size"], c["intermediate_size"]
        linear = lambda i, o: nn.Linear(i, o, bias=False)
        layers = [
            Node(
                self_attn=Node(W_pack=linear(d, 3 * d), o_proj=linear(d, d)),
                mlp=Node(gate_proj=linear(d, ffn), down_proj=linear(ffn, d), up_proj=linear(d, ffn)),
                input_layernorm=RmsNorm(d, c["rms_norm_eps"]),
                post_attention_layernorm=RmsNorm(d, c["rms_norm_eps"]),
            )
            for _ in range(c["num_hidden_layers"])
        ]
        self.model = Node(
            embed_tokens=nn.Embedding(c["vocab_size"], d),
            layers=nn.ModuleList(layers),
            norm=RmsNorm(d, c["rms_norm_eps"]),
        )
        self.lm_head = linear(d, c["vocab_size"])

    def forward(self, tokens):
        x = self.model.embed_tokens(tokens)
        for layer in self.model.layers:
            q, k, v = (heads(y, self.c["num_attention_heads"])
                       for y in layer.self_attn.W_pack(layer.input_layernorm(x)).chunk(3, -1))
            mixed = attend(rotate_halves(q, 10000.0), rotate_halves(k, 10000.0), v)
            x = x + layer.self_attn.o_proj(mixed)
            h = layer.post_attention_layernorm(x)
            x = x + layer.mlp.down_proj(F.silu(layer.mlp.gate_proj(h)) * layer.mlp.up_proj(h))
        return Logits(self.lm_head(self.model.norm(x)))


# The keys that the published config.json files have, with small numbers.
CHATGLM = dict(
    model_type="chatglm", architectures=["ChatGLMModel"], add_bias_linear=False, add_qkv_bias=True,
    apply_query_key_layer_scaling=True, apply_residual_connection_post_layernorm=False, attention_dropout=0.0,
    attention_softmax_in_fp32=True, bias_dropout_fusion=True, ffn_hidden_size=28, fp32_residual_connection=False,
    hidden_dropout=0.0, hidden_size=24, kv_channels=8, layernorm_epsilon=1e-5, multi_query_attention=True,
    multi_query_group_num=2, num_attention_heads=4, num_layers=2, original_rope=True, padded_vocab_size=64,
    post_layer_norm=True, rmsnorm=True, seq_length=256, tie_word_embeddings=False, eos_token_id=2, pad_token_id=0,
)
BAICHUAN = dict(
    model_type="baichuan", architectures=["BaiChuanForCausalLM"], bos_token_id=1, eos_token_id=2, hidden_act="silu",
    hidden_size=24, initializer_range=0.02, intermediate_size=28, max_position_embeddings=256, num_attention_heads=4,
    num_hidden_layers=2, pad_token_id=0, rms_norm_eps=1e-6, tie_word_embeddings=False, use_cache=True, vocab_size=64,
)


def tiny_models():
    """Name, class, config.json, storage type."""
    yield "chatglm", ChatGlm, CHATGLM, torch.float16
    yield "chatglm-32k", ChatGlm, CHATGLM | dict(rope_ratio=50, add_bias_linear=True), torch.bfloat16
    yield "baichuan", Baichuan, BAICHUAN, torch.float32
