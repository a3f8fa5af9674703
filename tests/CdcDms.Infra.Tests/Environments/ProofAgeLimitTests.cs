namespace CdcDms.Infra.Tests.Environments;

/// <summary>How old the newest proof of a table may be, by when full proofs and batches start.</summary>
public class ProofAgeLimitTests
{
    private const int Day = 24 * 60;

    [Theory]
    [InlineData("cron(35 1 ? * SUN *)", 14 * Day)]
    [InlineData("cron(35 1 * * ? *)", 2 * Day)]
    [InlineData("cron(35 * ? * * *)", 2 * 60)]
    [InlineData("cron(0 2 ? * MON,THU *)", 8 * Day)]
    [InlineData("cron(0 2 ? * MON-FRI *)", 6 * Day)]
    [InlineData("cron(0 1,13 1,15 * ? *)", 33 * Day)]
    [InlineData("cron(0 3 1 * ? *)", 62 * Day)]
    [InlineData("cron(0 3 1 JAN,JUL ? *)", 368 * Day)]
    [InlineData("rate(7 days)", 14 * Day)]
    [InlineData("rate(1 day)", 2 * Day)]
    [InlineData("rate(6 hours)", 12 * 60)]
    [InlineData("rate(90 minutes)", 180)]
    public void It_is_two_of_the_longest_gaps_between_full_proofs_and_three_batches(string schedule, int minutes)
    {
        Assert.Equal(TimeSpan.FromMinutes(minutes + (3 * 60)), MostAge(schedule, "cron(5 * * * ? *)"));
        Assert.Equal(TimeSpan.FromMinutes(minutes + (3 * 15)), MostAge(schedule, "rate(15 minutes)"));
    }

    // Their gaps cannot be told by the fields alone.
    [Theory]
    [InlineData("cron(0 3 L * ? *)")]
    [InlineData("cron(0 3 ? * SUNL *)")]
    [InlineData("cron(0 3 ? * 1#2 *)")]
    public void A_schedule_whose_gaps_are_not_known_is_refused(string schedule) =>
        Assert.Contains(
            new EnvironmentJson("dev").With("validation.full.schedule", schedule).Faults(),
            fault => fault.StartsWith($"$.validation.full.schedule: '{schedule}' is not a schedule: ", StringComparison.Ordinal));

    private static TimeSpan MostAge(string schedule, string batches)
    {
        var environment = new EnvironmentJson("dev").With("validation.full.schedule", schedule).With("batch.schedule", batches).Read();
        return environment.Validation.Full!.MostAge(environment.Batch.Schedule);
    }
}
