package io.espalier.pruning.recovery.data;

import java.util.stream.IntStream;

/** One token per character: its code point; BOS is 1, EOS 2. */
final class CharacterEncoder implements Encoder {
    static final int BOS = 1;
    static final int EOS = 2;

    @Override
    public int[] encode(String text, boolean start) {
        return IntStream.concat(start ? IntStream.of(BOS) : IntStream.empty(), text.chars()).toArray();
    }

    @Override
    public int eos() {
        return EOS;
    }
}
