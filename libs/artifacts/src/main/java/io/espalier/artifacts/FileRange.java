package io.espalier.artifacts;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import software.amazon.awssdk.http.ContentStreamProvider;

/** A part of a file as the body of a request; opened again when the request is repeated. */
record FileRange(Path file, long from, long length) implements ContentStreamProvider {
    @Override
    public InputStream newStream() {
        try {
            FileChannel channel = FileChannel.open(file);
            return new Bounded(Channels.newInputStream(channel.position(from)), length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Bounded extends FilterInputStream {
        private long left;

        Bounded(InputStream in, long length) {
            super(in);
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            int next = left > 0 ? super.read() : -1;
            left -= next >= 0 ? 1 : 0;
            return next;
        }

        @Override
        public int read(byte[] buffer, int offset, int count) throws IOException {
            if (count == 0) {
                return 0;
            }
            int n = left > 0 ? super.read(buffer, offset, (int) Math.min(count, left)) : -1;
            left -= Math.max(0, n);
            return n;
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
