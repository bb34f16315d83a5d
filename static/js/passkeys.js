// Asking the browser for a passkey, and sending what it says by an ordinary form. What cannot work here stays hidden.
const works = window.PublicKeyCredential?.parseCreationOptionsFromJSON && PublicKeyCredential.parseRequestOptionsFromJSON;

const ask = async (form) => {
  const body = new FormData();
  body.set("csrf_token", form.elements.csrf_token.value);
  const answer = await fetch(form.dataset.passkeyOptions, { method: "POST", body, headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) return location.reload(); // signed out, or too long ago: the page itself says so
  const options = await answer.json();
  return form.dataset.passkey === "create"
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
};

const WORDS = {
  InvalidStateError: "This device has a passkey for tithe already. Use another device or password manager.",
  SecurityError: "Passkeys do not work at this address. Open tithe at the address that people usually use.",
};

for (const form of works ? document.querySelectorAll("form[data-passkey]") : []) {
  const problem = form.querySelector("[data-passkey-problem]");
  form.hidden = false;
  document.querySelector("[data-passkey-without]")?.setAttribute("hidden", "");
  form.addEventListener("submit", async (event) => {
    const name = form.elements.name?.value.trim();
    if (name === "" || name?.length > 60) return; // refused before a passkey is made for nothing
    event.preventDefault();
    problem.textContent = "";
    try {
      const credential = await ask(form);
      if (!credential) return;
      form.elements.credential.value = JSON.stringify(credential);
      form.submit();
    } catch (error) {
      problem.textContent = WORDS[error.name] || "No passkey was used. Try again, or go on another way.";
    }
  });
}
