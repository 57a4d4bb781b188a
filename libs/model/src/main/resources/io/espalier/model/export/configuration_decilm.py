"""Configuration of a pruned Llama in the layout of Nemotron-NAS (DeciLM). Written by Espalier."""
from transformers import LlamaConfig


class Settings(dict):
    """A part of a block config: engines read it by attribute, JSON by key."""

    def __init__(self, values):
        super().__init__({key: Settings(value) if isinstance(value, dict) else value for key, value in values.items()})

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __reduce__(self):
        return Settings, (dict(self),)


class DeciLMConfig(LlamaConfig):
    """`block_configs` has one entry a layer."""

    model_type = "nemotron-nas"

    def __init__(self, block_configs=None, num_attention_heads=1, **kwargs):
        # Llama's own check, that heads divide the hidden size, is not wanted here: head_dim is given.
        super().__init__(num_attention_heads=1, **kwargs)
        self.num_attention_heads = num_attention_heads
        self.block_configs = [Settings(block) for block in block_configs or []]

    def layer_widths(self, layer):
        """Query heads, key-value heads and MLP channels; 0 means that the layer has no attention or no MLP."""
        attention, ffn = self.block_configs[layer].attention, self.block_configs[layer].ffn
        heads = 0 if attention.no_op else self.num_attention_heads
        channels = 0 if ffn.no_op else -(-int(2 * ffn.ffn_mult * self.hidden_size / 3) // 256) * 256
        return heads, heads // attention.n_heads_in_group if heads else 0, channels
