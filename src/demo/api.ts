/** The few fields of the broker's answers that the demo shows. */
export interface OfferAnswer {
  readonly id: string;
  readonly provider: string;
  readonly gpu_type: string;
  readonly gpu_count: number;
  readonly vram_gb: number;
  readonly price_per_hour: number;
  readonly location: string;
  readonly reliability: number;
}

export interface SessionAnswer {
  readonly id: string;
  readonly provider: string;
  readonly gpu_type: string;
  readonly status: string;
  readonly price_per_hour: number;
  readonly ssh_host?: string;
  readonly ssh_port?: number;
  readonly ssh_user?: string;
  readonly error?: string;
  readonly cost_so_far: number;
}

export interface CreatedAnswer {
  readonly session: SessionAnswer;
  readonly ssh_private_key: string;
}

/** A broker at an address, asked over HTTP like any program would. */
export class BrokerApi {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async get<Answer>(path: string): Promise<Answer> {
    return this.#json<Answer>(await fetch(`${this.url}${path}`));
  }

  async text(path: string): Promise<string> {
    return (await fetch(`${this.url}${path}`)).text();
  }

  async post<Answer>(path: string, body?: unknown): Promise<Answer> {
    const init =
      body === undefined
        ? { method: 'POST' }
        : {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(body),
          };
    return this.#json<Answer>(await fetch(`${this.url}${path}`, init));
  }

  async delete<Answer>(path: string): Promise<Answer> {
    return this.#json<Answer>(await fetch(`${this.url}${path}`, { method: 'DELETE' }));
  }

  async #json<Answer>(response: Response): Promise<Answer> {
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${text}`);
    return JSON.parse(text) as Answer;
  }
}
