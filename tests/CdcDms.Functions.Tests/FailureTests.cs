using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CdcDms.Functions.Tests;

public sealed class FailureTests
{
    // Of the letters that make up a cause (AWS: TaskFailedEventDetails).
    private const int MostLetters = 32_768;

    [Fact]
    public void A_failure_is_never_longer_than_a_cause_of_step_functions_which_would_cut_the_json()
    {
        var text = string.Concat(Enumerable.Repeat("column \"ä\"\u0001\n", 50_000));

        foreach (var fault in (Exception[])[new CdcDmsException(ErrorKind.BadData, text), new IOException(text)])
        {
            var told = Failure.Describe(fault);

            Assert.InRange(JsonSerializer.Serialize(told).Length, 1, MostLetters);
            Assert.StartsWith("column \"ä\"", told.Message);
            Assert.EndsWith("…", told.Message);
        }
    }

    [Fact]
    public void Of_a_defect_the_words_are_left_out_since_they_may_quote_a_row_and_the_places_are_told()
    {
        var defect = Assert.Throws<InvalidOperationException>(() => Parse("secret"));

        var told = JsonSerializer.Serialize(Failure.Describe(defect));

        Assert.DoesNotContain("secret", told, StringComparison.Ordinal);
        Assert.Contains("System.FormatException", told, StringComparison.Ordinal);
        Assert.Contains("FailureTests.Parse", told, StringComparison.Ordinal);
    }

    private static int Parse(string text)
    {
        try
        {
            return int.Parse(text, CultureInfo.InvariantCulture);
        }
        catch (FormatException fault)
        {
            throw new InvalidOperationException($"{text} is no number.", fault);
        }
    }

    [Fact]
    public void No_letter_is_cut_in_two()
    {
        foreach (var before in (string[])["", "x"])
            Assert.Contains(
                "😀…",
                JsonNode.Parse(JsonSerializer.Serialize(
                    Failure.Describe(new CdcDmsException(ErrorKind.BadData, before + string.Concat(Enumerable.Repeat("😀", 5000))))))!
                    ["errorMessage"]!.GetValue<string>(),
                StringComparison.Ordinal);
    }
}
