namespace CdcDms.Local.Views;

/// <summary>Prints progress on stderr as it comes; the framework's own would do so from another thread, after what comes later.</summary>
internal sealed class LogView : IProgress<string>
{
    public void Report(string value) => Screen.Note(value);
}
