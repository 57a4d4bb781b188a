package io.espalier.model.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageCacheTest {
    private static final int BYTES = 4 << 20;

    @TempDir
    private Path folder;

    @Test
    void whatIsDroppedIsReadFromDiskAgain() throws IOException {
        assumeThat(System.getProperty("os.name")).isEqualTo("Linux");
        assumeThat(Files.getFileStore(folder).type()).as("a file system with a disk").isIn("ext4", "xfs", "btrfs");
        Path file = folder.resolve("weights");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE); Arena arena = Arena.ofConfined()) {
            channel.write(ByteBuffer.allocate(BYTES));
            channel.force(true);
            MemorySegment mapped = channel.map(MapMode.READ_ONLY, 0, BYTES, arena);
            mapped.load();
            assertThat(mapped.isLoaded()).isTrue();

            mapped.unload();
            PageCache.drop(file, 0, BYTES / 2);

            assertThat(mapped.asSlice(0, BYTES / 2).isLoaded()).isFalse();
            assertThat(mapped.asSlice(BYTES / 2).isLoaded()).as("the other half stays").isTrue();
        }
    }

    @Test
    void aFileThatIsGoneIsNoError() {
        PageCache.drop(folder.resolve("gone"), 0, BYTES);
    }

    @Test
    void onlyWhatTakesMostOfTheMemoryCrowds() {
        assertThat(PageCache.isCrowdedBy(1 << 20)).isFalse();
        assertThat(PageCache.isCrowdedBy(1L << 60)).isTrue();
    }
}
