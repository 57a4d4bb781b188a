"""A pruned @BASE@ whose layers have different widths: each is the family's own layer. Written by Espalier."""
import copy

import torch
from torch import nn
from transformers import @BASE@ForCausalLM, @BASE@Model
from transformers.models.@MODULE@.modeling_@MODULE@ import @BASE@DecoderLayer

from .@CONFIGURATION@ import @NAME@Config


class NoAttention(nn.Module):
    def forward(self, hidden_states, *args, **kwargs):
        return torch.zeros_like(hidden_states), None


class NoMlp(nn.Module):
    def forward(self, hidden_states):
        return torch.zeros_like(hidden_states)


def make_layer(config, index, cache_index):
    heads, key_value_heads, channels = config.layer_widths(index)
    own = copy.copy(config)
    own.num_attention_heads, own.num_key_value_heads = heads or 1, key_value_heads or 1
    own.intermediate_size = channels or 1
    layer = @BASE@DecoderLayer(own, index)
    if heads:
        # The cache asks its first entry how long it is: layers with attention are numbered without gaps.
        layer.self_attn.layer_idx = cache_index
    else:
        layer.self_attn, layer.input_layernorm = NoAttention(), nn.Identity()
    if not channels:
        layer.mlp, layer.post_attention_layernorm = NoMlp(), nn.Identity()
    return layer


class @NAME@Model(@BASE@Model):
    config_class = @NAME@Config

    def __init__(self, config):
        super().__init__(config)
        attending = 0
        for index in range(config.num_hidden_layers):
            self.layers[index] = make_layer(config, index, attending)
            attending += config.layer_widths(index)[0] > 0
        self.post_init()


class @NAME@ForCausalLM(@BASE@ForCausalLM):
    config_class = @NAME@Config

    def __init__(self, config):
        super().__init__(config)
        self.model = @NAME@Model(config)
        self.post_init()
