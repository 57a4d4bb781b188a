package io.espalier.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.cli.stack.Program;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Subject;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Any process may die at any moment: {@code kill -9}, a restart, and the job ends by itself with the result of an
 * undisturbed run, to the last bit. The stage cache is off here, or an equal job would do no work at all.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KillTest {
    @TempDir
    static Path folder;
    private Cluster cluster;
    private JobSnapshot undisturbed;

    @BeforeAll
    void start() throws Exception {
        cluster = Cluster.start(folder.resolve("data"), 1, 1, 1);
        undisturbed = cluster.awaitEnd(submit("undisturbed"));
        assertThat(undisturbed.state()).as("%s", undisturbed.error()).isEqualTo(JobSnapshot.State.SUCCEEDED);
        assertThat(undisturbed.stages()).noneMatch(JobSnapshot.Stage::fromCache);
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @Test
    void eachKindOfWorkerInMidTask() throws Exception {
        JobSnapshot job = submit("workers");
        kill(job, StageName.SCORE, Program.SCORING_WORKER);
        kill(job, StageName.RECOVER, Program.GPU_WORKER);
        kill(job, StageName.EVALUATE, Program.EVAL_WORKER);
        JobSnapshot ended = assertSameResult(job);
        for (StageName disturbed : new StageName[]{StageName.SCORE, StageName.RECOVER, StageName.EVALUATE}) {
            JobSnapshot.Stage stage = stage(ended, disturbed);
            assertThat(stage.attempts()).as("%s was tried again", disturbed).isGreaterThan(stage.tasks());
        }
    }

    @Test
    void theCoordinator() throws Exception {
        JobSnapshot job = submit("coordinator");
        kill(job, StageName.SCORE, Program.COORDINATOR);
        kill(job, StageName.RECOVER, Program.COORDINATOR);
        assertSameResult(job);
    }

    @Test
    void theBroker() throws Exception {
        JobSnapshot job = submit("broker");
        kill(job, StageName.RECOVER, Program.BROKER);
        assertSameResult(job);
    }

    private JobSnapshot submit(String name) throws Exception {
        return cluster.submit(Requests.thorough(name, folder.resolve("out-" + name)));
    }

    private void kill(JobSnapshot job, StageName during, Program victim) {
        cluster.awaitWorking(job, during);
        assertThat(cluster.kill(victim)).as("processes of " + victim.name()).isEqualTo(1);
    }

    private JobSnapshot assertSameResult(JobSnapshot job) {
        JobSnapshot ended = cluster.awaitEnd(job);
        assertThat(ended.state()).as("%s", ended.error()).isEqualTo(JobSnapshot.State.SUCCEEDED);
        assertThat(ended.planArtifact()).isEqualTo(undisturbed.planArtifact());
        for (Subject subject : Subject.values()) {
            assertThat(ended.models().get(subject).get("perplexity")).as(subject.label())
                    .isEqualTo(undisturbed.models().get(subject).get("perplexity"));
        }
        return ended;
    }

    private static JobSnapshot.Stage stage(JobSnapshot job, StageName name) {
        return job.stages().stream().filter(s -> s.stage() == name).findFirst().orElseThrow();
    }
}
