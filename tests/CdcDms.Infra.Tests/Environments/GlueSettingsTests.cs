
namespace CdcDms.Infra.Tests.Environments;

/// <summary>What Spark is set by, and which tables it cannot take.</summary>
public class GlueSettingsTests
{
    [Fact]
    public void Functions_merge_alone_unless_the_environment_says_otherwise() => Assert.Null(new EnvironmentJson("dev").Read().Batch.Glue);

    [Fact]
    public void Spark_of_which_nothing_is_said_begins_at_two_gigabytes_with_two_workers()
    {
        var glue = new EnvironmentJson("shared").With("batch.glue.fromMegabytes", null).Read().Batch.Glue!;

        Assert.Equal((2048, 2, 60), (glue.FromMegabytes, glue.Workers, glue.TimeoutMinutes));
        Assert.Empty(glue.LeaveOut);
    }

    [Theory]
    [InlineData("batch.glue.workers", 1, "$.batch.glue.workers: must be a whole number from 2 to 100")]
    [InlineData("batch.glue.leaveOut", new[] { "public.nobody" }, "$.batch.glue.leaveOut[0]: 'public.nobody' is the source of no table")]
    [InlineData(
        "tables.0.lobUpdates",
        "keepOnNull",
        "$.batch.glue: Spark cannot reduce the changes of public.customers: its lobUpdates are keepOnNull, so that older changes count "
        + "besides the last; name the table in leaveOut, and functions merge it alone")]
    public void What_cannot_be_is_refused(string property, object value, string fault) =>
        Assert.Equal([fault], new EnvironmentJson("shared").With(property, value).Faults());

    [Fact]
    public void A_table_that_Spark_cannot_take_may_be_left_to_functions() => Assert.Equal(
        ["public.customers"],
        new EnvironmentJson("shared").With("tables.0.lobUpdates", "keepOnNull").With("batch.glue.leaveOut", new[] { "public.customers" })
            .Read().Batch.Glue!.LeaveOut);
}
