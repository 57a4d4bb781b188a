package io.espalier.pruning.recovery.data;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Turns documents into examples as alpaca-lora does: prompt and response are encoded together, cut at the longest
 * length, ended by EOS where there is room; the prompt's own encoding tells how many tokens are masked. Running text is
 * packed: documents one after the other, cut into windows of the longest length.
 */
final class ExampleMaker {
    private final Encoder encoder;
    private final int maxLength;
    private final boolean trainOnInputs;
    private final Consumer<Example> sink;
    private final int[] window;
    private int filled;
    private int dropped;

    ExampleMaker(Encoder encoder, int maxLength, boolean trainOnInputs, Consumer<Example> sink) {
        this.encoder = encoder;
        this.maxLength = maxLength;
        this.trainOnInputs = trainOnInputs;
        this.sink = sink;
        this.window = new int[maxLength];
    }

    void add(Document document) {
        switch (document) {
            case Document.Instruction instruction -> addInstruction(instruction);
            case Document.Text text -> addText(text);
        }
    }

    /** After the last document: what is left in the window becomes a shorter example. */
    void finish() {
        flush();
    }

    /** Examples without any token to learn, because their prompt alone fills the length. */
    int dropped() {
        return dropped;
    }

    private void addInstruction(Document.Instruction instruction) {
        int[] full = encoder.encode(instruction.prompt() + instruction.response(), true);
        int[] tokens = Arrays.copyOf(full, Math.min(full.length + 1, maxLength));
        if (full.length < maxLength) {
            tokens[full.length] = encoder.eos();
        }
        int prompt = trainOnInputs ? 0 : encoder.encode(instruction.prompt(), true).length;
        if (tokens.length < 2 || prompt >= tokens.length) {
            dropped++;
            return;
        }
        sink.accept(new Example(tokens, prompt));
    }

    private void addText(Document.Text text) {
        for (int token : encoder.encode(text.text(), text.starts())) {
            append(token);
        }
        if (text.ends()) {
            append(encoder.eos());
        }
    }

    private void append(int token) {
        window[filled++] = token;
        if (filled == maxLength) {
            flush();
        }
    }

    private void flush() {
        if (filled > 1) {
            sink.accept(new Example(Arrays.copyOf(window, filled), 0));
        }
        filled = 0;
    }
}
