package io.espalier.artifacts;

import java.util.zip.Checksum;

/**
 * CRC-64/NVME, which S3 keeps of every object that came without another checksum: polynomial {@code 0xad93d23594c93659},
 * reflected in and out, all ones before and after. Eight tables, eight bytes at a time.
 */
final class Crc64Nvme implements Checksum {
    private static final long REFLECTED_POLYNOMIAL = 0x9a6c9329ac4bc9b5L;
    private static final long[][] TABLES = tables();

    private long value = -1;

    private static long[][] tables() {
        var tables = new long[Long.BYTES][256];
        for (int i = 0; i < 256; i++) {
            long crc = i;
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                crc = (crc >>> 1) ^ ((crc & 1) == 0 ? 0 : REFLECTED_POLYNOMIAL);
            }
            tables[0][i] = crc;
        }
        for (int t = 1; t < tables.length; t++) {
            for (int i = 0; i < 256; i++) {
                long before = tables[t - 1][i];
                tables[t][i] = (before >>> 8) ^ tables[0][(int) before & 0xff];
            }
        }
        return tables;
    }

    @Override
    public void update(int b) {
        value = (value >>> 8) ^ TABLES[0][((int) value ^ b) & 0xff];
    }

    @Override
    public void update(byte[] bytes, int offset, int length) {
        int i = offset;
        for (int end = offset + length; i <= end - Long.BYTES; i += Long.BYTES) {
            long word = value;
            for (int k = 0; k < Long.BYTES; k++) {
                word ^= (bytes[i + k] & 0xffL) << (k * Byte.SIZE);
            }
            long next = 0;
            for (int k = 0; k < Long.BYTES; k++) {
                next ^= TABLES[Long.BYTES - 1 - k][(int) (word >>> (k * Byte.SIZE)) & 0xff];
            }
            value = next;
        }
        for (; i < offset + length; i++) {
            update(bytes[i]);
        }
    }

    @Override
    public long getValue() {
        return ~value;
    }

    @Override
    public void reset() {
        value = -1;
    }
}
