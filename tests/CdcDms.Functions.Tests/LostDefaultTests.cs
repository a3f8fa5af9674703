using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using CdcDms.Aws;
using CdcDms.LambdaRuntime;
using CdcDms.Pipeline.Merging;

namespace CdcDms.Functions.Tests;

/// <summary>What a record has where its JSON does not say it.</summary>
public class LostDefaultTests
{
    [Fact]
    public void A_default_that_a_generated_reader_loses_is_found()
    {
        Assert.Equal(0, JsonSerializer.Deserialize("{}", LossyJson.Default.Lossy)!.Number);
        Assert.Equal(["Lossy.Number"], LostDefaults.Of(typeof(LostDefaultTests).Assembly));
    }

    [Fact]
    public void What_JSON_does_not_say_has_the_default_of_its_property() => Assert.Equal("", string.Join(' ', LostDefaults.Of(
        typeof(ContractJson).Assembly, typeof(AwsApi).Assembly, typeof(MergeJob).Assembly, typeof(Invocation).Assembly,
        typeof(Failure).Assembly, Assembly.Load("CdcDms.Local"))));
}

internal sealed record Lossy
{
    public int Number { get; init; } = 7;
}

[JsonSerializable(typeof(Lossy))]
internal sealed partial class LossyJson : JsonSerializerContext;
