package io.espalier.pruning.recovery.data;

import io.espalier.model.config.ModelConfig;
import io.espalier.model.text.Tokenizer;

/** The tokenizer of a checkpoint; EOS is the first that its config names. */
public record ModelEncoder(Tokenizer tokenizer, int eos) implements Encoder {
    /** @throws InvalidDataException where the config names no EOS */
    public static ModelEncoder of(Tokenizer tokenizer, ModelConfig config) {
        if (config.eosIds().isEmpty()) {
            throw new InvalidDataException("config.json has no eos_token_id: recovery cannot end its texts");
        }
        return new ModelEncoder(tokenizer, config.eosIds().getFirst());
    }

    @Override
    public int[] encode(String text, boolean start) {
        return start ? tokenizer.encode(text) : tokenizer.encodePlain(text);
    }
}
