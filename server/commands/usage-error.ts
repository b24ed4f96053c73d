/** The command line is wrong; the usage is shown with it. */
export class UsageError extends Error {
  override name = 'UsageError';
}
