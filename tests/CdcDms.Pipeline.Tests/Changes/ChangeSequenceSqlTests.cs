using CdcDms.Pipeline.Changes;

namespace CdcDms.Pipeline.Tests.Changes;

public sealed class ChangeSequenceSqlTests
{
    [Theory]
    [InlineData("VARCHAR", true)]
    [InlineData("DATE", true)]
    [InlineData("TIMESTAMP", true)]
    [InlineData("TIMESTAMP_NS", true)]
    [InlineData("TIMESTAMP WITH TIME ZONE", true)]
    [InlineData("BIGINT", false)]
    [InlineData("TIME", false)]
    public void The_time_of_a_commit_is_read_from_dates_timestamps_and_texts(string fileType, bool isTime) =>
        Assert.Equal(isTime, ChangeSequenceSql.IsTime(fileType));
}
