package io.espalier.coordinator;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.FailureKind;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.JobSnapshot.State;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.TaskReport;
import io.espalier.protocol.topic.Json;
import io.espalier.protocol.topic.Topic;
import java.nio.file.Path;
import java.time.Instant;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The live page in a real browser, as people use it. Pictures of every state are left in target/screenshots. */
class PageTest {
    private static final int MANY = 5_000;

    @TempDir
    static Path folder;
    private static TestStack stack;
    private static Coordinator coordinator;
    private static Browser browser;
    private static Page page;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(Browser.executable().isPresent(),
                "no Chromium on this machine: install it (apt-get install chromium) or set ESPALIER_CHROMIUM");
        stack = new TestStack(folder);
        coordinator = stack.startCoordinator(null);
        browser = new Browser(Browser.executable().get());
        page = browser.page();
        page.navigate(coordinator.address());
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
            stack.close();
        }
    }

    @BeforeEach
    void workersTakeEverything() {
        stack.ignore(task -> false);
    }

    @AfterEach
    void nothingWasWrittenToTheConsole() {
        assertThat(browser.errors()).isEmpty();
    }

    /** To a page as it is at first, wherever the test before was. */
    private static void go(String place) {
        String address = coordinator.address() + "/#/" + place;
        if (page.url().equals(address)) {
            page.reload();
        } else {
            page.navigate(address);
        }
    }

    private static Locator button(String name) {
        return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static Locator field(String pointer) {
        return page.locator("[data-pointer='" + pointer + "']");
    }

    @Test
    void aJobIsSubmittedByFormAndWatchedToItsEnd() {
        go("submit");
        field("/name").fill("by form");
        field("/model").fill("/models/stories");
        field("/method/name").selectOption("magnitude");
        field("/target/parameters").fill("0.8");
        page.getByText("more", new Page.GetByTextOptions().setExact(true)).click();
        field("/labels").fill("team=a, purpose=test");
        browser.look(page, "submit-form");
        browser.lookNarrow(page, "submit-form");
        button("Submit").click();
        assertThat(page.locator("h1")).hasText("by form");
        assertThat(page.locator(".lead strong")).hasText("succeeded");
        assertThat(page.locator(".stages li")).hasCount(6);
        assertThat(page.locator("#before-after")).containsText("200,000");
        assertThat(page.locator("#kept svg")).isVisible();
        assertThat(page.locator("#request")).containsText("\"purpose\" : \"test\"");
        browser.look(page, "job-done");
        browser.lookNarrow(page, "job-done");
    }

    @Test
    void everyPictureOfAReportIsOnThePage() throws Exception {
        stack.submit(coordinator, "pictures", Requests.FULL);
        stack.awaitState(coordinator, "pictures", State.SUCCEEDED);
        go("jobs/pictures");
        for (String section : new String[]{"before-after", "perplexity", "tasks", "kept", "importance", "recovery"}) {
            assertThat(page.locator("#" + section + " svg").first()).isVisible();
        }
        browser.look(page, "job-pictures");
        stack.submit(coordinator, "searched", Requests.SEARCH);
        stack.awaitState(coordinator, "searched", State.SUCCEEDED);
        go("jobs/searched");
        assertThat(page.locator("#search circle.candidate")).hasCount(18);
        Page report = browser.open(coordinator.address() + "/api/v1/jobs/pictures/report");
        assertThat(report.locator("h1")).hasText("stories");
        browser.look(report, "report");
        browser.lookNarrow(report, "report");
        browser.print(report, "report");
        report.navigate(coordinator.address() + "/api/v1/comparison?job=pictures&job=searched");
        assertThat(report.locator("#requests")).containsText("/method/name");
        browser.look(report, "comparison");
        browser.lookNarrow(report, "comparison");
        browser.print(report, "comparison");
        report.close();
    }

    @Test
    void whatIsWrongIsShownAtItsKey() {
        go("submit");
        button("Submit").click();
        assertThat(page.locator(".field", with(field("/model"))).locator(".wrong")).hasText("is required");
        field("/model").fill("/models/stories");
        field("/method/name").selectOption("llm-pruner");
        field("/target/parameters").fill("1.5");
        field("/calibration/samples").fill("many");
        button("Submit").click();
        assertThat(page.locator(".field", with(field("/target/parameters"))).locator(".wrong")).hasText(
                "must be at most 1");
        assertThat(page.locator(".field", with(field("/calibration/samples"))).locator(".wrong")).hasText(
                "must be a whole number");
        browser.look(page, "submit-errors");
        field("/target/parameters").fill("0.8");
        field("/calibration/samples").fill("");
        button("Submit").click();
        // Only the coordinator knows that this method cannot do without text.
        assertThat(page.locator(".wrong:not(:empty)").first()).containsText("llm-pruner");
        assertThat(page.locator("h1")).hasText("New job");
    }

    /** Whatever the form can be opened to: no key of the schema may be one that it does not know. */
    @Test
    void everyPartOfTheFormCanBeFilledIn() {
        go("submit");
        field("/model").fill("/models/stories");
        field("/method/name").selectOption("llm-pruner");
        field("/target/parameters").fill("0.8");
        for (Locator summary : page.locator(".submit summary").all()) {
            summary.click();
        }
        for (String part : new String[]{"select", "recovery"}) {
            page.locator("fieldset legend label", new Page.LocatorOptions().setHasText(part)).getByRole(
                    AriaRole.CHECKBOX).check();
        }
        field("/select/candidates").fill("2");
        button("add among").click();
        field("/select/among/0/method/name").selectOption("llm-bip");
        field("/recovery/lora/data").fill("/data/train.jsonl");
        button("add perplexity").click();
        browser.look(page, "submit-everything");
        browser.lookNarrow(page, "submit-everything");
        field("/evaluation/perplexity/0/name").fill("valid");
        button("Submit").click();
        assertThat(page.locator(".field", with(field("/evaluation/perplexity/0/text"))).locator(".wrong")).hasText(
                "is required");
        assertThat(page.locator("fieldset[data-pointer='/select/among/0'] > .wrong")).isEmpty();
    }

    @Test
    void theFormPredictsTheSizeOfTheResultOnceTheModelIsKnown() throws Exception {
        stack.submit(coordinator, "known", Requests.SHORT);
        stack.awaitState(coordinator, "known", State.SUCCEEDED);
        go("submit");
        field("/model").fill("/models/stories");
        field("/target/parameters").fill("0.5");
        assertThat(page.locator("#predicted")).containsText("Predicted size: about");
        String half = page.locator("#predicted").textContent();
        page.getByLabel("kind").selectOption("count");
        field("/target/count").fill("1K");
        assertThat(page.locator("#predicted")).containsText("about 1 k of");
        assertThat(page.locator("#predicted")).not().hasText(half);
        field("/model").fill("/models/never-seen");
        assertThat(page.locator("#predicted")).isEmpty();
    }

    @Test
    void aJobThatIsNotThereIsSaidAndNothingElse() {
        go("jobs/nothing-like-it");
        assertThat(page.getByRole(AriaRole.ALERT).first()).hasText("there is no job nothing-like-it");
        assertThat(button("cancel")).hasCount(0);
        browser.look(page, "job-missing");
        page.getByText("All jobs").click();
        assertThat(page.locator("h1")).hasText("Jobs");
        page.getByLabel("Search jobs").fill("nothing-like-it");
        assertThat(page.locator("table.jobs")).containsText("No job matches.");
        browser.look(page, "jobs-none");
        browser.lookNarrow(page, "jobs-none");
    }

    @Test
    void aJobWhoseLinkWasQuickerThanItselfAppears() throws Exception {
        go("jobs/soon");
        assertThat(page.getByRole(AriaRole.ALERT).first()).hasText("there is no job soon");
        stack.submit(coordinator, "soon", Requests.SHORT);
        assertThat(page.locator(".lead strong")).hasText("succeeded");
        assertThat(page.getByText("there is no job soon")).hasCount(0);
    }

    @Test
    void aCoordinatorThatHasGoneIsToldUntilAnotherAnswers() throws Exception {
        Coordinator second = stack.startCoordinator("second");
        Page other = browser.open(second.address());
        assertThat(other.locator("#connection")).hasText("live");
        second.close();
        assertThat(other.locator("#connection")).containsText("connection lost");
        browser.look(other, "connection-lost");
        other.close();
    }

    private static Page.LocatorOptions with(Locator inner) {
        return new Page.LocatorOptions().setHas(inner);
    }

    @Test
    void aRequestCanBePastedAsTextAndItsErrorsNameTheLine() {
        go("submit");
        button("YAML or JSON").click();
        page.getByLabel("Pruning request, YAML or JSON").fill("model: /models/stories\nmetod: { name: search }\n"
                + "target: { parameters: 0.8 }\n");
        button("Submit").click();
        assertThat(page.locator("#problems")).containsText("line 2");
        assertThat(page.locator("#problems")).containsText("/metod");
        browser.look(page, "submit-text");
        page.getByLabel("Pruning request, YAML or JSON").fill(Requests.SHORT.replace("model:", "name: pasted\nmodel:"));
        button("Submit").click();
        assertThat(page.locator("h1")).hasText("pasted");
    }

    @Test
    void aRunningJobIsPausedResumedAndCancelled() throws Exception {
        stack.ignore(StageName.SLICE);
        stack.submit(coordinator, "steered", Requests.FULL);
        Task task = stack.awaitTask("steered", StageName.SLICE, 1);
        stack.report(new TaskReport.Started(task.id(), 1, new io.espalier.protocol.id.WorkerId("gpu-1-a"), Instant
                .now(), null));
        stack.report(new TaskReport.Progress(task.id(), 1, new io.espalier.protocol.id.WorkerId("gpu-1-a"), Instant
                .now(), 0.4, 1200, "layer 2 of 5", null));
        go("jobs/steered");
        assertThat(page.getByText("layer 2 of 5")).isVisible();
        assertThat(page.locator(".stages li[data-state=RUNNING]")).containsText("SLICE");
        browser.look(page, "job-running");
        button("pause").click();
        assertThat(page.locator(".lead strong")).hasText("paused");
        browser.look(page, "job-paused");
        button("resume").click();
        assertThat(page.locator(".lead strong")).hasText("running");
        button("cancel").click();
        Locator dialog = page.getByRole(AriaRole.DIALOG);
        assertThat(dialog).isVisible();
        browser.look(page, "job-cancel-dialog");
        button("No").click();
        assertThat(page.locator(".lead strong")).hasText("running");
        button("cancel").click();
        button("Yes, cancel").click();
        assertThat(page.locator(".lead strong")).hasText("cancelled");
        browser.look(page, "job-cancelled");
        stack.ignore(t -> false);
        button("retry").click();
        assertThat(page.locator(".lead strong")).hasText("succeeded");
    }

    @Test
    void aFailedJobSaysWhyAndCanBeTriedAgain() throws Exception {
        stack.ignore(StageName.RANK);
        stack.submit(coordinator, "broken", Requests.SHORT);
        Task task = stack.awaitTask("broken", StageName.RANK, 1);
        stack.fail(task, FailureKind.PERMANENT, "the statistics of layer 3 are not finite");
        go("jobs/broken");
        assertThat(page.locator(".problems")).containsText("the statistics of layer 3 are not finite");
        assertThat(page.locator(".stages li[data-state=FAILED]")).containsText("RANK");
        browser.look(page, "job-failed");
        browser.lookNarrow(page, "job-failed");
        Page report = browser.open(coordinator.address() + "/api/v1/jobs/broken/report");
        assertThat(report.locator("#time tbody tr")).hasCount(3); // the stages behind it never began
        browser.look(report, "report-failed");
        report.close();
        stack.ignore(t -> false);
        button("retry").click();
        assertThat(page.locator(".lead strong")).hasText("succeeded");
        assertThat(page.locator(".problems")).hasCount(0);
        button("delete").click();
        button("Yes, delete").click();
        assertThat(page.locator("h1")).hasText("Jobs");
    }

    @Test
    void everythingCanBeReachedByKeyboard() throws Exception {
        stack.submit(coordinator, "by-keyboard", Requests.SHORT);
        stack.awaitState(coordinator, "by-keyboard", State.SUCCEEDED);
        go("");
        page.reload();
        page.keyboard().press("Tab");
        assertThat(page.locator("a.skip")).isFocused();
        page.keyboard().press("Enter");
        page.getByLabel("Search jobs").focus();
        page.keyboard().type("by-keyboard");
        assertThat(page.locator("table.jobs tbody a")).hasCount(1);
        Locator link = page.locator("table.jobs tbody a");
        for (int i = 0; i < 20 && !(Boolean) link.evaluate("node => node === document.activeElement"); i++) {
            page.keyboard().press("Tab");
        }
        assertThat(link).isFocused();
        page.keyboard().press("Enter");
        assertThat(page.locator("h1")).hasText("by-keyboard");
        assertThat(page.locator("main")).isFocused();
    }

    @Test
    void thousandsOfJobsStandInAListOfPages() throws Exception {
        stack.submit(coordinator, "template", Requests.SHORT);
        JobSnapshot template = stack.awaitState(coordinator, "template", State.SUCCEEDED);
        for (int i = 0; i < MANY; i++) {
            stack.publish(snapshot(template, i, 1));
        }
        go("");
        page.reload();
        page.getByLabel("Search jobs").fill("many-");
        assertThat(page.locator("#counts")).containsText("5,000 of");
        assertThat(page.locator("table.jobs tbody tr")).hasCount(50);
        browser.look(page, "jobs-many");
        browser.lookNarrow(page, "jobs-many");
        button("Older").click();
        assertThat(page.locator(".pager")).containsText("page 2 of 100");
        page.getByLabel("State").selectOption("FAILED");
        assertThat(page.locator("#counts")).containsText("1,250 of");
        button("job").click();
        assertThat(page.locator("table.jobs tbody th").first()).hasText("many-0003");
        // All change at once: the rows that are shown tell it, and nothing else is in the document.
        for (int i = 0; i < MANY; i++) {
            stack.publish(snapshot(template, i, 2));
        }
        page.getByLabel("State").selectOption("");
        assertThat(page.locator("table.jobs tbody tr").first()).containsText("75 %");
        assertThat((Integer) page.evaluate("document.querySelectorAll('*').length")).isLessThan(2000);
    }

    private static ProducerRecord<String, byte[]> snapshot(JobSnapshot s, int i, long revision) throws Exception {
        State state = i % 4 == 3
                ? State.FAILED
                : i % 4 == 2 ? State.PAUSED : i % 4 == 1 ? State.SUCCEEDED : State.RUNNING;
        String name = "many-%04d".formatted(i);
        Instant at = s.submittedAt().minusSeconds(60 + i);
        JobSnapshot.Problem problem = state == State.FAILED
                ? new JobSnapshot.Problem("the disk is full", null, StageName.SCORE, null)
                : null;
        var job = new JobSnapshot(new JobId(name), name, state, revision, revision == 1 ? 0.5 : 0.75, at, at, state
                .ended() ? at : null, s.request(), s.submission(), s.stages(), problem, s.facts(), s.plan(), null, s
                        .models(),
                s.protocols(), null, null, null, s.environment(), s.timeline(), java.util.List.of(), null, null);
        return new ProducerRecord<>(Topic.JOBS.topicName(), name, Json.events().writeValueAsBytes(job));
    }
}
