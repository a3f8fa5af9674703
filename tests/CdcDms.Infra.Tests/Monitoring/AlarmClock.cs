using System.Globalization;
using CdcDms.Infra.Templates;

namespace CdcDms.Infra.Tests.Monitoring;

/// <summary>Runs the alarms of a template over metrics, and writes down when each alarm tells people that it rings.</summary>
internal sealed class AlarmClock
{
    // CloudWatch looks each minute; nothing here is decided by less than five.
    private const int Step = 5;

    private readonly Dictionary<string, MetricAlarm> _measured;
    private readonly Dictionary<string, (TemplateResource Alarm, AlarmRuleExpression Rule)> _composite;
    private readonly Dictionary<string, (int RingsSince, bool Told)> _ringing = [];
    private readonly Dictionary<string, int> _suppressedUntil = [];

    public AlarmClock(TemplateResources operations, params IReadOnlyList<MetricSeries> metrics)
    {
        _measured = operations.OfType("AWS::CloudWatch::Alarm").Where(alarm => alarm["MetricName"] is not null)
            .ToDictionary(alarm => alarm.Id, alarm => new MetricAlarm(alarm, metrics));
        _composite = operations.OfType("AWS::CloudWatch::CompositeAlarm")
            .ToDictionary(alarm => alarm.Id, alarm => (alarm, new AlarmRuleExpression(alarm["AlarmRule"]!)));
    }

    /// <summary>The minutes at which people were told, by the alarm's name without environment and severity.</summary>
    public List<(string Alarm, int Minute)> Told { get; } = [];

    /// <summary>Lets time pass.</summary>
    public AlarmClock Run(int minutes)
    {
        for (var minute = Step; minute <= minutes; minute += Step)
        {
            foreach (var alarm in _measured.Values)
                alarm.Evaluate(minute);
            foreach (var (id, (alarm, _)) in _composite)
                if (alarm["AlarmActions"] is not null)
                    Tell(id, alarm, minute);
        }

        return this;
    }

    private bool Rings(string id) => _measured.TryGetValue(id, out var alarm) ? alarm.Rings : _composite[id].Rule.Holds(Rings);

    // Amazon CloudWatch user guide, "Alarm suppression": it waits for the suppressor, and after it.
    private void Tell(string id, TemplateResource alarm, int minute)
    {
        if (alarm["ActionsSuppressor"]?["Fn::GetAtt"]?[0]?.GetValue<string>() is { } suppressor && Rings(suppressor))
            _suppressedUntil[id] = minute + Minutes(alarm, "ActionsSuppressorExtensionPeriod");
        if (!Rings(id))
        {
            _ringing.Remove(id);
            return;
        }

        var (since, told) = _ringing.GetValueOrDefault(id, (minute, false));
        var waits = since + Minutes(alarm, "ActionsSuppressorWaitPeriod");
        if (!told && minute >= Math.Max(waits, _suppressedUntil.GetValueOrDefault(id)))
        {
            Told.Add((Name(alarm), minute));
            told = true;
        }

        _ringing[id] = (since, told);
    }

    private static int Minutes(TemplateResource alarm, string property) =>
        alarm[property] is { } seconds ? int.Parse(seconds.ToString(), CultureInfo.InvariantCulture) / 60 : 0;

    private static string Name(TemplateResource alarm)
    {
        var parts = alarm.Text("AlarmName").Split('-');
        return string.Join('-', parts[2..^1]);
    }
}
