package io.espalier.pruning.recovery.data;

/** One entry of a data file. */
sealed interface Document {
    /** A prompt, which is masked, and the response to learn. */
    record Instruction(String prompt, String response) implements Document {}

    /**
     * Running text, packed with its neighbours.
     *
     * @param starts whether a document starts here (BOS)
     * @param ends   whether it ends here (EOS)
     */
    record Text(String text, boolean starts, boolean ends) implements Document {}
}
