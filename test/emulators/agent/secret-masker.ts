/** Replaces secrets in what is shown, as the agent does: letter by letter, line by line, in the forms that it knows. */
export class SecretMasker {
  readonly #values = new Set<string>();

  add(value: string): void {
    if (value === '') {
      return;
    }
    this.#values.add(value);
    // JsonStringEscape, UriDataEscape, BackslashEscape; base64 is not among them for a value that a command registers.
    this.#values.add(JSON.stringify(value).slice(1, -1));
    this.#values.add(encodeURIComponent(value.toWellFormed()));
    this.#values.add(value.replaceAll('\\\\', '\\'));
  }

  mask(text: string): string {
    const hidden = new Array<boolean>(text.length).fill(false);
    for (const value of this.#values) {
      for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
        hidden.fill(true, at, at + value.length);
      }
    }
    let masked = '';
    for (let index = 0; index < text.length; index++) {
      if (hidden[index] !== true) {
        masked += text.charAt(index);
      } else if (hidden[index - 1] !== true) {
        masked += '***';
      }
    }
    return masked;
  }
}
