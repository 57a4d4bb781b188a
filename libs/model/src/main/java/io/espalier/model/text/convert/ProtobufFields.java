package io.espalier.model.text.convert;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The fields of one protobuf message, one after the other: {@link #next}, then at most one of the readers.
 *
 * @see <a href="https://protobuf.dev/programming-guides/encoding/">the wire format</a>
 */
final class ProtobufFields {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final ByteBuffer data;
    private int tag;
    private boolean unread;

    ProtobufFields(ByteBuffer data) {
        this.data = data.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Whether there is another field; skips the last one where nobody has read it. */
    boolean next() {
        if (unread) {
            skip();
        }
        if (!data.hasRemaining()) {
            return false;
        }
        tag = (int) varint();
        unread = true;
        return true;
    }

    int number() {
        return tag >>> 3;
    }

    long integer() {
        expect(VARINT);
        return varint();
    }

    float floating() {
        expect(FIXED32);
        return data.getFloat();
    }

    String text() {
        return StandardCharsets.UTF_8.decode(slice()).toString();
    }

    byte[] bytes() {
        ByteBuffer slice = slice();
        var bytes = new byte[slice.remaining()];
        slice.get(bytes);
        return bytes;
    }

    ProtobufFields message() {
        return new ProtobufFields(slice());
    }

    private ByteBuffer slice() {
        expect(BYTES);
        int length = Math.toIntExact(varint());
        if (length < 0 || length > data.remaining()) {
            throw new BufferUnderflowException();
        }
        ByteBuffer slice = data.slice(data.position(), length);
        data.position(data.position() + length);
        return slice;
    }

    private void expect(int type) {
        if ((tag & 7) != type) {
            throw new IllegalArgumentException("field " + number() + " is of wire type " + (tag & 7) + ", not " + type);
        }
        unread = false;
    }

    private void skip() {
        switch (tag & 7) {
            case VARINT -> integer();
            case FIXED64 -> {
                expect(FIXED64);
                data.getLong();
            }
            case BYTES -> slice();
            case FIXED32 -> floating();
            default -> throw new IllegalArgumentException("field " + number() + " is of wire type " + (tag & 7));
        }
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte b = data.get();
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number of more than 64 bits");
    }
}
