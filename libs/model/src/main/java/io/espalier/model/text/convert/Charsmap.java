package io.espalier.model.text.convert;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;

/**
 * The compiled rules by which sentencepiece replaces characters, checked before the native tokenizer sees them: what it
 * cannot follow ends the whole process.
 *
 * <p>Layout: bytes of the trie (u32, little-endian), the trie, then the replacements, UTF-8 with a zero behind each. The trie
 * is a double array of 32-bit units (bits 0-7 and 31 label, bit 8 has a leaf, bits 10-30 offset, shifted by 8 where bit 9 is
 * set); the value of a leaf is where its replacement begins.
 *
 * @see <a href="https://github.com/s-yata/darts-clone">Darts-clone</a>
 */
final class Charsmap {
    private static final int LABELS = 256;
    private static final int LABEL_BITS = 0x800000FF;
    private static final int HAS_LEAF = 1 << 8;
    private static final int VALUE_BITS = 0x7FFFFFFF;

    private final int[] units;
    private final byte[] replacements;

    private Charsmap(int[] units, byte[] replacements) {
        this.units = units;
        this.replacements = replacements;
    }

    /** @throws IllegalArgumentException where some text would lead out of the trie or the replacements */
    static void check(byte[] bytes) {
        ByteBuffer data = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long size = bytes.length < Integer.BYTES ? -1 : Integer.toUnsignedLong(data.getInt());
        if (size <= 0 || size > data.remaining() || size % Integer.BYTES != 0) {
            throw new IllegalArgumentException("the character map claims a trie of " + size + " bytes and has "
                    + bytes.length);
        }
        int[] units = new int[(int) size / Integer.BYTES];
        data.asIntBuffer().get(units);
        data.position(data.position() + (int) size);
        byte[] replacements = new byte[data.remaining()];
        data.get(replacements);
        new Charsmap(units, replacements).check();
    }

    private void check() {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(replacements));
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("the replacements of the character map are not UTF-8", e);
        }
        BitSet seen = new BitSet(units.length);
        Deque<Integer> bases = new ArrayDeque<>();
        bases.add(offset(units[0]));
        while (!bases.isEmpty()) {
            int base = bases.remove();
            if (!seen.get(base)) {
                seen.set(base);
                follow(base, bases);
            }
        }
    }

    /** All that can come next at a node whose children stand at {@code base ^ label}. */
    private void follow(int base, Deque<Integer> bases) {
        for (int label = 1; label < LABELS; label++) {
            int at = base ^ label;
            if (at >= units.length) {
                throw new IllegalArgumentException("the trie of the character map leads to unit " + at + " of "
                        + units.length);
            }
            if ((units[at] & LABEL_BITS) == label) {
                int next = at ^ offset(units[at]);
                if ((units[at] & HAS_LEAF) != 0) {
                    checkLeaf(next);
                }
                bases.add(next);
            }
        }
    }

    private void checkLeaf(int at) {
        if (at >= units.length) {
            throw new IllegalArgumentException("the trie of the character map leads to unit " + at + " of "
                    + units.length);
        }
        int start = units[at] & VALUE_BITS;
        boolean inside = start <= replacements.length;
        boolean withinCharacter = inside && start < replacements.length && (replacements[start] & 0xC0) == 0x80;
        if (!inside || withinCharacter) {
            throw new IllegalArgumentException("a replacement of the character map begins at byte " + start + " of "
                    + replacements.length);
        }
    }

    private static int offset(int unit) {
        return (unit >>> 10) << ((unit & (1 << 9)) >>> 6);
    }
}
