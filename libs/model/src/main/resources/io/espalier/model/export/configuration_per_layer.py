"""Configuration of a pruned @BASE@ whose layers have different widths. Written by Espalier."""
from transformers import @BASE@Config


class @NAME@Config(@BASE@Config):
    """`layer_num_attention_heads`, `layer_num_key_value_heads` and `layer_intermediate_size` have one entry a layer."""

    model_type = "@TYPE@"

    def __init__(self, num_attention_heads=1, **kwargs):
        # The family's own check, that heads divide the hidden size, is not wanted here: head_dim is given.
        super().__init__(num_attention_heads=1, **kwargs)
        self.num_attention_heads = num_attention_heads

    def layer_widths(self, layer):
        """Query heads, key-value heads and MLP channels; 0 means that the layer has no attention or no MLP."""
        return (self.layer_num_attention_heads[layer], self.layer_num_key_value_heads[layer],
                self.layer_intermediate_size[layer])
