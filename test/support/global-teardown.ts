/** Starts what the whole run shares. */
export default function globalSetup(): void {}
