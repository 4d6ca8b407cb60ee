declare module 'email-providers' {
  /** Domains where anybody can get an e-mail address. */
  const providers: readonly string[];
  export default providers;
}
