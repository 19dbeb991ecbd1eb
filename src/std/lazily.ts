/** What is loaded when it is first needed. */
export class Lazily<Loaded> {
  readonly #load: () => Promise<Loaded>;
  #loading: Promise<Loaded> | undefined;
  #loaded: Loaded | undefined;

  constructor(load: () => Promise<Loaded>) {
    this.#load = load;
  }

  /** Not a promise once it is there, so that those who come later go on at once. */
  get(): Loaded | Promise<Loaded> {
    return this.#loaded ?? this.#begin();
  }

  #begin(): Promise<Loaded> {
    this.#loading ??= this.#load().then(
      (loaded) => {
        this.#loaded = loaded;
        return loaded;
      },
      (error) => {
        // Whoever comes next may have more luck.
        this.#loading = undefined;
        throw error;
      },
    );
    return this.#loading;
  }
}
