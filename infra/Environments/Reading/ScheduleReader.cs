namespace CdcDms.Infra.Environments.Reading;

internal static class ScheduleReader
{
    /// <summary>The schedule of a section.</summary>
    /// <param name="section">The section.</param>
    /// <param name="fallback">The default.</param>
    /// <param name="property">The property.</param>
    public static Schedule Read(Section section, string fallback, string property = "schedule")
    {
        var expression = section.Text(property, fallback);
        try
        {
            return Schedule.Parse(expression);
        }
        catch (FormatException fault)
        {
            section.Findings.Add(section.At(property), $"'{expression}' is not a schedule: {fault.Message}");
            return Schedule.Parse(fallback);
        }
    }
}
