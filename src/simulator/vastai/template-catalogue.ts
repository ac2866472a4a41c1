/** A template as its author wrote it (§15.1). */
export interface TemplateText {
  readonly name: string;
  readonly image: string;
  readonly tag: string;
  readonly env: string;
  readonly onstart: string;
  readonly runtype: 'ssh' | 'jupyter' | 'args';
  /** JSON inside a string, except where somebody left it empty or broke it. */
  readonly extra_filters: string | null;
  readonly recommended_disk_space: number;
  readonly recommended: boolean;
  readonly private: boolean;
  readonly desc: string;
}

const AUTOMATIC = '@vastai-automatic-tag';
const PORTAL = '-p 1111:1111 -p 8080:8080 -e OPEN_BUTTON_PORT=1111';

/** What the account sees: the provider's own templates, and some that users published and forgot. */
export const TEMPLATE_TEXTS: readonly TemplateText[] = [
  {
    name: 'PyTorch (Vast)',
    image: 'vastai/pytorch',
    tag: AUTOMATIC,
    env: PORTAL,
    onstart: 'entrypoint.sh',
    runtype: 'jupyter',
    extra_filters: '{"cuda_max_good":{"gte":12.4},"compute_cap":{"gte":700}}',
    recommended_disk_space: 32,
    recommended: true,
    private: false,
    desc: 'PyTorch with Jupyter and an instance portal.',
  },
  {
    name: 'NVIDIA CUDA',
    image: 'vastai/base-image',
    tag: AUTOMATIC,
    env: PORTAL,
    onstart: 'entrypoint.sh',
    runtype: 'jupyter',
    extra_filters: '{"cpu_arch":{"in":["amd64"]}}',
    recommended_disk_space: 16,
    recommended: true,
    private: false,
    desc: 'CUDA development image.',
  },
  {
    name: 'vLLM (Vast)',
    image: 'vastai/vllm',
    tag: AUTOMATIC,
    env: `${PORTAL} -p 8000:8000 -e VLLM_MODEL= -e HF_TOKEN=`,
    onstart: 'entrypoint.sh',
    runtype: 'ssh',
    extra_filters: '{"cuda_max_good":{"gte":12.9},"gpu_total_ram":{"gt":21000}}',
    recommended_disk_space: 60,
    recommended: true,
    private: false,
    desc: 'vLLM, an OpenAI-compatible server.',
  },
  {
    name: 'Text Generation Inference',
    image: 'ghcr.io/huggingface/text-generation-inference',
    tag: '3.3.4',
    env: '-p 5001:5001',
    onstart: 'text-generation-launcher --port 5001',
    runtype: 'ssh',
    extra_filters: '{"compute_cap":{"gte":750},"gpu_ram":{"gte":22000}}',
    recommended_disk_space: 50,
    recommended: true,
    private: false,
    desc: 'Serves a language model over HTTP.',
  },
  {
    name: 'Ollama + Open WebUI',
    image: 'vastai/openwebui',
    tag: AUTOMATIC,
    env: `${PORTAL} -p 7500:7500`,
    onstart: 'entrypoint.sh',
    runtype: 'jupyter',
    extra_filters: '{"gpu_total_ram":{"gte":15000}}',
    recommended_disk_space: 40,
    recommended: true,
    private: false,
    desc: 'Chat with local models.',
  },
  {
    name: 'ComfyUI',
    image: 'vastai/comfy',
    tag: AUTOMATIC,
    env: `${PORTAL} -p 8188:8188`,
    onstart: 'entrypoint.sh',
    runtype: 'jupyter',
    extra_filters: '{"gpu_ram":{"gte":11000},"num_gpus":{"eq":"1"}}',
    recommended_disk_space: 32,
    recommended: true,
    private: false,
    desc: 'Image generation by graph.',
  },
  {
    name: 'Axolotl',
    image: 'axolotlai/axolotl-cloud',
    tag: 'main-latest',
    env: '-p 8888:8888',
    onstart: '',
    runtype: 'ssh',
    extra_filters: '{"verified":{"eq":true},"rentable":{"eq":true},"compute_cap":{"gte":800}}',
    recommended_disk_space: 100,
    recommended: true,
    private: false,
    desc: 'Fine-tuning from one file of settings.',
  },
  {
    name: 'Ubuntu 22.04 desktop',
    image: 'vastai/linux-desktop',
    tag: AUTOMATIC,
    env: PORTAL,
    onstart: 'entrypoint.sh',
    runtype: 'ssh',
    extra_filters: '',
    recommended_disk_space: 24,
    recommended: true,
    private: false,
    desc: 'A desktop in the browser.',
  },
  {
    name: 'Blender batch renderer',
    image: 'vastai/blender',
    tag: '4.5',
    env: '',
    onstart: '',
    runtype: 'ssh',
    extra_filters: 'null',
    recommended_disk_space: 16,
    recommended: true,
    private: false,
    desc: 'Renders frames without a screen.',
  },
  {
    name: 'Whisper WebUI',
    image: 'vastai/whisper',
    tag: AUTOMATIC,
    env: '-p 7860:7860',
    onstart: 'entrypoint.sh',
    runtype: 'jupyter',
    extra_filters: null,
    recommended_disk_space: 16,
    recommended: true,
    private: false,
    desc: 'Transcribes speech.',
  },
  {
    name: 'my training box copy (2)',
    image: 'example/training-box',
    tag: 'latest',
    env: '-e WANDB_MODE=offline',
    onstart: 'env >> /etc/environment',
    runtype: 'ssh',
    extra_filters: '{"gpu_name":"RTX 4090", num_gpus>=2}',
    recommended_disk_space: 80,
    recommended: false,
    private: false,
    desc: '',
  },
  {
    name: 'EU render node',
    image: 'example/render-node',
    tag: '1.2',
    env: '',
    onstart: '',
    runtype: 'args',
    extra_filters:
      '{"geolocation":{"in":["DE","NL","SE"]},"verified":{"eq":true},"external":{"eq":false}}',
    recommended_disk_space: 20,
    recommended: false,
    private: true,
    desc: 'Ours alone.',
  },
];
