using CdcDms.Infra.Environments;

namespace CdcDms.Infra.Tests.Environments;

public class ScheduleTests
{
    [Theory]
    [InlineData("rate(1 hour)", 60)]
    [InlineData("rate(15 minutes)", 15)]
    [InlineData("rate(2 days)", 2880)]
    [InlineData("cron(5 * * * ? *)", 60)]
    [InlineData("cron(0/15 * * * ? *)", 15)]
    [InlineData("cron(0,20 6-18 ? * MON-FRI *)", 3580)]
    [InlineData("cron(30 4 1 JAN,JUL ? *)", 184 * 1440)]
    [InlineData("cron(0 12 29 2 ? *)", 0)]
    public void The_longest_time_between_two_starts_is_known(string expression, int minutes)
    {
        if (minutes == 0)
            Assert.Throws<FormatException>(() => Schedule.Parse(expression));
        else
            Assert.Equal(TimeSpan.FromMinutes(minutes), Schedule.Parse(expression).LongestGap);
    }

    [Theory]
    [InlineData("hourly")]
    [InlineData("rate(0 minutes)")]
    [InlineData("rate(1 hours)")]
    [InlineData("rate(2 hour)")]
    [InlineData("cron(5 * * * *)")]
    [InlineData("cron(5 * * * * *)")]
    [InlineData("cron(5 * ? * ? *)")]
    [InlineData("cron(60 * * * ? *)")]
    [InlineData("cron(5 10-8 * * ? *)")]
    [InlineData("cron(5 * * FOO ? *)")]
    [InlineData("cron(5 * L * ? *)")]
    [InlineData("cron(1/2/3 * * * ? *)")]
    public void Anything_else_is_refused(string expression) =>
        Assert.Throws<FormatException>(() => Schedule.Parse(expression));
}
