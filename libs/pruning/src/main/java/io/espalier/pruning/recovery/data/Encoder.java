package io.espalier.pruning.recovery.data;

/** What training data needs of a tokenizer. */
public interface Encoder {
    /**
     * @param start whether what the tokenizer puts before a text (BOS, where the model has one) comes first
     * @return ids, nothing cut off and no EOS added
     */
    int[] encode(String text, boolean start);

    /** The id that ends a text. */
    int eos();
}
