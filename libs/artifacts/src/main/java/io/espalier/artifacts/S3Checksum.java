package io.espalier.artifacts;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/**
 * The checksum that the service keeps of a whole object, computed again from what came. Checksums of parts put together
 * ({@code …-12}) say nothing of the whole and count as none.
 */
final class S3Checksum {
    private interface Sum {
        void update(byte[] bytes, int length);

        byte[] value();
    }

    private final Sum sum;
    private final byte[] expected;

    private S3Checksum(Sum sum, String expected) {
        this.sum = sum;
        this.expected = Base64.getDecoder().decode(expected);
    }

    /** The strongest there is. */
    static Optional<S3Checksum> of(HeadObjectResponse head) {
        if (isWhole(head.checksumSHA256())) {
            return Optional.of(new S3Checksum(sha256(), head.checksumSHA256()));
        }
        if (isWhole(head.checksumCRC64NVME())) {
            return Optional.of(new S3Checksum(crc(new Crc64Nvme(), Long.BYTES), head.checksumCRC64NVME()));
        }
        if (isWhole(head.checksumCRC32C())) {
            return Optional.of(new S3Checksum(crc(new CRC32C(), Integer.BYTES), head.checksumCRC32C()));
        }
        return isWhole(head.checksumCRC32())
                ? Optional.of(new S3Checksum(crc(new CRC32(), Integer.BYTES), head.checksumCRC32()))
                : Optional.empty();
    }

    void update(byte[] bytes, int length) {
        sum.update(bytes, length);
    }

    boolean holds() {
        return MessageDigest.isEqual(expected, sum.value());
    }

    private static boolean isWhole(String checksum) {
        return checksum != null && !checksum.contains("-");
    }

    private static Sum sha256() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return new Sum() {
                @Override
                public void update(byte[] bytes, int length) {
                    digest.update(bytes, 0, length);
                }

                @Override
                public byte[] value() {
                    return digest.digest();
                }
            };
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Big endian, as the service writes them. */
    private static Sum crc(Checksum checksum, int bytes) {
        return new Sum() {
            @Override
            public void update(byte[] data, int length) {
                checksum.update(data, 0, length);
            }

            @Override
            public byte[] value() {
                byte[] all = ByteBuffer.allocate(Long.BYTES).putLong(checksum.getValue()).array();
                return Arrays.copyOfRange(all, Long.BYTES - bytes, Long.BYTES);
            }
        };
    }
}
