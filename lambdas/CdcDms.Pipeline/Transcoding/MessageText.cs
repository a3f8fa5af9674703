namespace CdcDms.Pipeline.Transcoding;

/// <summary>Where a text stands in a message's <see cref="DmsMessage"/>; the default is none.</summary>
/// <param name="Start">Its first byte.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="IsThere">False for JSON's <c>null</c>, and for a member that the message does not have.</param>
internal readonly record struct MessageText(int Start, int Length, bool IsThere);

/// <summary>A column and its value, as a message tells them.</summary>
internal readonly record struct MessageMember(MessageText Name, MessageText Value);
