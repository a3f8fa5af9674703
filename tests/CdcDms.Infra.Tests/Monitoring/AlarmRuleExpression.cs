using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CdcDms.Infra.Tests.Monitoring;

/// <summary>
/// The rule of a composite alarm (API reference of CloudWatch, <c>PutCompositeAlarm</c>, <c>AlarmRule</c>), as far as ours use it:
/// <c>ALARM</c>, <c>AND</c>, <c>OR</c>, <c>NOT</c> and parentheses.
/// </summary>
internal sealed partial class AlarmRuleExpression(JsonNode rule)
{
    private readonly List<string> _words = [.. Word().Matches(Text(rule)).Select(word => word.Value)];
    private int _next;

    /// <summary>Whether it holds.</summary>
    /// <param name="rings">Whether an alarm rings, by its logical id.</param>
    public bool Holds(Func<string, bool> rings)
    {
        _next = 0;
        var holds = Either(rings);
        return _next == _words.Count ? holds : throw new FormatException($"'{_words[_next]}' is more than a rule.");
    }

    private bool Either(Func<string, bool> rings)
    {
        var holds = Both(rings);
        while (Takes("OR"))
            holds = Both(rings) || holds;
        return holds;
    }

    private bool Both(Func<string, bool> rings)
    {
        var holds = One(rings);
        while (Takes("AND"))
            holds = One(rings) && holds;
        return holds;
    }

    private bool One(Func<string, bool> rings)
    {
        if (Takes("NOT"))
            return !One(rings);
        if (Takes("("))
            return Within(Either(rings));
        return Takes("ALARM") && Takes("(") ? Within(rings(_words[_next++].Trim('"'))) : throw new FormatException($"'{_words[_next]}'");
    }

    private bool Within(bool holds) => Takes(")") ? holds : throw new FormatException("A parenthesis stays open.");

    private bool Takes(string word)
    {
        if (_next == _words.Count || _words[_next] != word)
            return false;
        _next++;
        return true;
    }

    // An alarm's ARN is by its logical id.
    private static string Text(JsonNode node) => node switch
    {
        JsonObject { Count: 1 } join when join["Fn::Join"] is JsonArray parts => string.Concat(parts[1]!.AsArray().Select(Text!)),
        JsonObject { Count: 1 } arn when arn["Fn::GetAtt"] is JsonArray of => of[0]!.GetValue<string>(),
        _ => node.GetValue<string>(),
    };

    [GeneratedRegex("\"[^\"]*\"|[A-Z]+|[()]", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
