package io.espalier.worker.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.TaskReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that goes away in mid task and comes back. */
class BrokerOutageTest {
    private static final TaskResult NOTHING = new TaskResult(Map.of(), null);

    @TempDir
    private Path folder;
    private TestCluster cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = new TestCluster(folder, Duration.ofSeconds(15));
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    @Test
    void aTaskThatRunsOverAnOutageIsNotLost() throws Exception {
        JobId job = TestCluster.newJob();
        var runs = new AtomicInteger();
        var brokerIsBack = new CountDownLatch(1);
        cluster.startWorker((work, context) -> {
            runs.incrementAndGet();
            brokerIsBack.await();
            return NOTHING;
        });
        cluster.publish(job, TestCluster.work("over an outage"));
        await().until(() -> runs.get() == 1);
        cluster.stopBroker();
        cluster.startBroker();
        brokerIsBack.countDown();

        TaskReport.Succeeded done = cluster.awaitReport(job, TaskReport.Succeeded.class);
        await().atMost(Duration.ofSeconds(60)).until(() -> cluster.backlog() == 0);
        assertThat(done.outputs()).isEmpty();
        assertThat(runs.get()).isEqualTo(1);
    }

    @Test
    void aResultMadeDuringAnOutageIsReportedAfterIt() throws Exception {
        JobId job = TestCluster.newJob();
        var mayEnd = new CountDownLatch(1);
        var ended = new CountDownLatch(1);
        cluster.startWorker((work, context) -> {
            mayEnd.await();
            ended.countDown();
            return NOTHING;
        });
        cluster.publish(job, TestCluster.work("during an outage"));
        cluster.awaitReport(job, TaskReport.Started.class);
        cluster.stopBroker();
        mayEnd.countDown();
        ended.await();
        cluster.startBroker();

        cluster.awaitReport(job, TaskReport.Succeeded.class);
        await().atMost(Duration.ofSeconds(60)).until(() -> cluster.backlog() == 0);

        JobId next = TestCluster.newJob();
        cluster.publish(next, TestCluster.work("after an outage"));
        cluster.awaitReport(next, TaskReport.Succeeded.class);
    }
}
