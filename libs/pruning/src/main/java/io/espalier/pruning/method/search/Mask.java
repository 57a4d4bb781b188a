package io.espalier.pruning.method.search;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Base64;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/** Which of {@code 0..size-1} are kept; immutable. In JSON {@code size:bits}, the bits in Base64. */
final class Mask {
    private final int size;
    private final BitSet kept;

    private Mask(int size, BitSet kept) {
        if (kept.length() > size) {
            throw new IllegalArgumentException("a mask of " + size + " cannot keep " + (kept.length() - 1));
        }
        this.size = size;
        this.kept = kept;
    }

    static Mask all(int size) {
        BitSet bits = new BitSet(size);
        bits.set(0, size);
        return new Mask(size, bits);
    }

    static Mask of(int size, Collection<Integer> kept) {
        BitSet bits = new BitSet(size);
        kept.forEach(bits::set);
        return new Mask(size, bits);
    }

    static Mask of(int size, int... kept) {
        BitSet bits = new BitSet(size);
        for (int index : kept) {
            bits.set(index);
        }
        return new Mask(size, bits);
    }

    int size() {
        return size;
    }

    int count() {
        return kept.cardinality();
    }

    boolean keeps(int index) {
        return kept.get(index);
    }

    /** Ascending. */
    int[] indices() {
        return kept.stream().toArray();
    }

    /** Ascending. */
    List<Integer> list() {
        return kept.stream().boxed().toList();
    }

    /** How many both keep. */
    int overlap(Mask other) {
        BitSet both = (BitSet) kept.clone();
        both.and(other.kept);
        return both.cardinality();
    }

    @JsonCreator
    static Mask parse(String text) {
        int colon = text.indexOf(':');
        return new Mask(Integer.parseInt(text.substring(0, colon)),
                BitSet.valueOf(Base64.getDecoder().decode(text.substring(colon + 1))));
    }

    @JsonValue
    @Override
    public String toString() {
        return size + ":" + Base64.getEncoder().encodeToString(kept.toByteArray());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Mask mask && size == mask.size && kept.equals(mask.kept);
    }

    @Override
    public int hashCode() {
        return Objects.hash(size, kept);
    }
}
