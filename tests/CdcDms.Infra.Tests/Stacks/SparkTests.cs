using System.Text.Json.Nodes;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

/// <summary>The Glue job: what it may do, and that nothing in its settings can lose rows.</summary>
public class SparkTests
{
    [Fact]
    public void An_environment_without_Spark_has_no_job() =>
        Assert.Empty(SynthesizedEnvironment.Of("dev").Stack("batch").OfType("AWS::Glue::Job"));

    [Fact]
    public void The_job_has_a_pinned_version_no_bookmarks_no_retries_no_secrets_and_no_network_of_ours()
    {
        var job = SynthesizedEnvironment.Of("shared").Stack("batch").One("AWS::Glue::Job");

        Assert.Equal(
            ("cdcdms-shared-spark", "5.0", "G.1X", 0),
            (job.Text("Name"), job.Text("GlueVersion"), job.Text("WorkerType"), (int)job["MaxRetries"]!));
        Assert.Equal(
            ["--job-bookmark-option", "--custom-logGroup-prefix"], job["DefaultArguments"]!.AsObject().Select(pair => pair.Key));
        Assert.Equal("job-bookmark-disable", job["DefaultArguments"]!["--job-bookmark-option"]!.GetValue<string>());
        Assert.Null(job["Connections"]);
    }

    [Fact]
    public void The_job_reads_change_files_and_writes_only_beside_its_plans()
    {
        var statements = SynthesizedEnvironment.Of("shared").Stack("batch").OfType("AWS::IAM::Policy")
            .Where(policy => policy.Text("PolicyName").StartsWith("SparkRole", StringComparison.Ordinal))
            .SelectMany(policy => policy["PolicyDocument"]!["Statement"]!.AsArray()).ToList();

        var written = statements.Where(statement => Actions(statement!).Any(action => action is "s3:PutObject" or "s3:DeleteObject"));
        Assert.All(
            written.Select(statement => statement!["Resource"]!.ToJsonString()),
            resource => Assert.EndsWith("/cdc/_cdcdms/spark/*\"]]}", resource, StringComparison.Ordinal));
        Assert.NotEmpty(written);
        Assert.DoesNotContain(
            statements, statement => Actions(statement!).Any(action => action.StartsWith("secretsmanager", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_run_is_not_repeated_and_a_table_whose_run_failed_is_merged_all_the_same()
    {
        var reduce = BatchTests.Definition("shared", "batch-table")["States"]!["Reduce"]!;

        Assert.Equal("cdcdms-shared-spark", reduce["Parameters"]!["JobName"]!.GetValue<string>());
        Assert.All(
            reduce["Retry"]!.AsArray().SelectMany(rule => rule!["ErrorEquals"]!.AsArray()),
            error => Assert.StartsWith("Glue.", error!.GetValue<string>(), StringComparison.Ordinal));
        Assert.Equal(
            ("""["States.ALL"]""", "SparkFailed"),
            (reduce["Catch"]![0]!["ErrorEquals"]!.ToJsonString(), reduce["Catch"]![0]!["Next"]!.GetValue<string>()));
    }

    private static IEnumerable<string> Actions(JsonNode statement) => statement["Action"] is JsonArray actions
        ? actions.Select(action => action!.GetValue<string>())
        : [statement["Action"]!.GetValue<string>()];
}
