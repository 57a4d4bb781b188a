package io.espalier.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.artifacts.FolderDigest;
import io.espalier.model.weights.Checkpoint;
import org.junit.jupiter.api.Test;

/** PREPARE names a model by its checkpoint's digest; copies of models on S3 are held against it by their folder's. */
class DigestsTest {
    @Test
    void aCheckpointAndItsFolderHaveOneDigest() throws Exception {
        try (Checkpoint checkpoint = Checkpoint.open(Requests.STORIES)) {
            assertThat(FolderDigest.of(Requests.STORIES)).isEqualTo(checkpoint.digest());
        }
    }
}
