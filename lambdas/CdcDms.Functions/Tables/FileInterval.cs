using System.Globalization;
using CdcDms.Contract;
using CdcDms.Contract.Functions;

namespace CdcDms.Functions.Tables;

/// <summary>How long the task that reads the source keeps a file open, which every marker carries.</summary>
internal static class FileInterval
{
    /// <summary>Seconds after which the task closes a file at the latest.</summary>
    /// <exception cref="CdcDmsException">The environment does not say, or says something else.</exception>
    public static int Seconds
    {
        get
        {
            var text = Environment.GetEnvironmentVariable(FunctionEnvironment.FileIntervalSeconds);
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
                ? seconds
                : throw new CdcDmsException(
                    ErrorKind.BadDefinition,
                    $"{FunctionEnvironment.FileIntervalSeconds} is '{text}': set it to the seconds after which the task closes a file at "
                    + "the latest.");
        }
    }
}
